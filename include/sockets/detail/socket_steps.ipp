/// @file
/// @brief Socket: what its methods are made of. Part of socket.hpp.

namespace sockets {

// --- inside -------------------------------------------------------------------------------------------

inline void Socket::require_open(const char* primitive) const {
    if (!handle_.is_open()) fail_closed(primitive);
}

inline void Socket::require_address(const char* primitive, const Address& address) {
    if (address.size() == 0)
        detail::raise(std::errc::invalid_argument, primitive, "", "the address is empty");
}

inline void Socket::require_type(Type type) const {
    if (type_ != type)
        detail::raise(std::errc::wrong_protocol_type, "socket", "",
                      type == Type::stream ? "TCP needs a stream socket" : "UDP needs a datagram socket");
}

/// Between 1 and INT_MAX bytes, which is what nearly everybody asks for, one comparison is enough.
inline std::size_t Socket::recv_size(std::size_t size, const char* primitive) const {
    return size - 1 < detail::max_transfer ? size : unusual_recv_size(size, primitive);
}

[[gnu::cold, gnu::noinline]] inline std::size_t Socket::unusual_recv_size(std::size_t size,
                                                                          const char* primitive) const {
    require_open(primitive);
    if (size == 0 && type_ == Type::stream)
        fail({primitive, detail::Event::readable}, detail::code_of(std::errc::invalid_argument),
             "0 bytes could not be told from the end");
    return detail::at_most(size);
}

inline std::size_t Socket::send_size(std::size_t size, const char* primitive) const {
    return size <= detail::max_transfer ? size : unusual_send_size(primitive);
}

[[gnu::cold, gnu::noinline]] inline std::size_t Socket::unusual_send_size(const char* primitive) const {
    require_open(primitive);
    if (type_ != Type::stream)
        fail({primitive, detail::Event::writable}, detail::code_of(std::errc::message_size));
    return detail::max_transfer;
}

[[gnu::cold, gnu::noinline]] inline std::size_t Socket::send_again(const void* bytes, std::size_t size) {
    const Step step{"send", detail::Event::writable};
    const detail::Deadline limit = deadline(step.event);
    std::ptrdiff_t count = -1;
    while (count < 0) {
        recover(step, limit, blocking_);
        count = detail::send(handle_, bytes, size, send_flags_);
    }
    return static_cast<std::size_t>(count);
}

[[gnu::cold, gnu::noinline]] inline std::size_t Socket::recv_again(void* buffer, std::size_t size,
                                                                   std::ptrdiff_t count) {
    const Step step{"recv", detail::Event::readable};
    const detail::Deadline limit = deadline(step.event);
    while (count < 0) {
        recover(step, limit, blocking_);
        count = detail::recv(handle_, buffer, size, recv_flags_);
    }
    return fitting(step, count, size);
}

/// More than there was room for: the datagram has been cut.
inline std::size_t Socket::fitting(const Step& step, std::ptrdiff_t count, std::size_t size) const {
    if (static_cast<std::size_t>(count) > size) fail(step, detail::code_of(std::errc::message_size));
    return static_cast<std::size_t>(count);
}

/// After a system call that does not wait: whether to make it again. False with a negative count: not now.
inline bool Socket::is_interrupted(const Step& step, std::ptrdiff_t count) const {
    if (count >= 0) return false;
    const std::error_code code = detail::last_error();
    if (detail::would_block(code)) return false;
    if (!detail::is_interrupted(code)) fail(step, code);
    return true;
}

/// A system call has failed. Comes back when it is worth another try, and throws otherwise.
[[gnu::cold, gnu::noinline]] inline void Socket::recover(const Step& step, const detail::Deadline& limit,
                                                         bool may_wait) const {
    const std::error_code code = detail::last_error(); // first: whatever follows may overwrite it
    require_open(step.primitive);
    if (detail::is_interrupted(code)) return;
    if (!may_wait || !detail::would_block(code)) fail(step, code);
    // A blocking socket that would block: somebody has set SO_RCVTIMEO or SO_SNDTIMEO, and that time is over.
    const bool late = limit.is_never() && blocking_ && detail::is_blocking(handle_, false);
    if (late || !wait(step, limit)) fail_late(step, limit);
}

/// False: the time ran out.
inline bool Socket::wait(const Step& step, const detail::Deadline& limit) const {
    const detail::Watch* const watch = detail::watching();
    if (watch && !limit.is_over() && detail::wait(handle_, step.event, 0) == 0)
        watch->waits(step.primitive, handle_);
    while (true) {
        const int ready = detail::wait(handle_, step.event, limit.rest());
        if (ready > 0) return true;
        if (ready == 0 && limit.is_over()) return false;
        if (ready < 0) recover(step, limit, false);
    }
}

inline detail::Deadline Socket::deadline(detail::Event event) const {
    return detail::Deadline(event == detail::Event::readable ? recv_timeout_ : send_timeout_);
}

inline bool Socket::ask_address(bool peer, Address& address) const noexcept {
    detail::Sockaddr answer;
    answer.size = sizeof answer.storage;
    const int result = peer ? ::getpeername(handle_, answer.data(), &answer.size)
                            : ::getsockname(handle_, answer.data(), &answer.size);
    if (result != 0) return false;
    if (detail::is_unnamed(answer)) answer.size = 0;
    address = Address(answer);
    return true;
}

[[gnu::cold, gnu::noinline]] inline void Socket::fail_closed(const char* primitive) const {
    detail::raise(std::errc::bad_file_descriptor, primitive, "", "this socket is closed");
}

/// Says which address it was about: the peer's if there is one, else this side's.
[[gnu::cold, gnu::noinline]] inline void Socket::fail(const Step& step, std::error_code code,
                                                      const char* hint) const {
    Address address = step.to ? *step.to : Address();
    const char* preposition = step.event == detail::Event::readable ? "from " : "to ";
    if (step.to) preposition = "to ";
    else if (!ask_address(true, address)) preposition = ask_address(false, address) ? "on " : "";
    detail::raise(code, step.primitive, detail::Text() << preposition << address.to_string(), hint);
}

[[gnu::cold, gnu::noinline]] inline void Socket::fail_late(const Step& step,
                                                           const detail::Deadline& limit) const {
    detail::Text late;
    if (step.done == 0) late << "nothing";
    else late << step.progress();
    if (limit.is_never()) late << " in time";
    else late << " within " << limit.limit() << " ms";
    fail(step, detail::code_of(std::errc::timed_out), late);
}

inline detail::Text Socket::Step::progress() const {
    detail::Text text;
    text << static_cast<long long>(done) << " of " << static_cast<long long>(size) << " bytes";
    return text;
}

inline std::optional<Accepted> Socket::accept_once(bool waits) {
    while (true) {
        detail::Sockaddr address;
        address.size = sizeof address.storage;
        const NativeHandle handle = detail::accept(handle_, address.data(), &address.size, waits);
        if (handle != detail::no_handle) {
            Socket client(handle, Type::stream);
            return Accepted{std::move(client), Address::from(address.data(), address.size)};
        }
        if (!detail::is_of_one_client(detail::last_error())) return std::nullopt;
    }
}

/// SOCKET. Some kinds of sockets know no IPV6_V6ONLY: then there is nothing to turn on.
inline std::error_code Socket::open(int domain, Type type, int protocol) {
    if (const std::error_code failed = detail::start()) return failed;
    const bool stream = type == Type::stream;
    const int native_type = stream ? SOCK_STREAM : type == Type::datagram ? SOCK_DGRAM : SOCK_RAW;
    handle_.reset(detail::make(domain, native_type, protocol));
    if (!handle_.is_open()) return detail::last_error();
    type_ = type;
    recv_flags_ = stream ? 0 : detail::whole;
    const int on = 1;
    if (domain == AF_INET6) (void)detail::set_option(handle_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return {};
}

/// CONNECT. That the socket has become writable does not say that the connection stands; SO_ERROR does.
inline std::error_code Socket::connect_by(const Address& peer, const detail::Deadline& limit, bool may_wait) {
    const detail::Watch* const watch = detail::watching();
    if (watch) watch->connect_begins(handle_, peer.data(), peer.size());
    std::error_code code;
    if (detail::native::connect(handle_, peer.data(), peer.size()) != 0) code = detail::last_error();
    else if (type_ == Type::datagram) detail::report_unreachable(handle_, true);
    // A local listener's queue is full, and nothing tells when it has room again: ask every now and then.
    while (!limit.is_never() && detail::would_block(code) && !limit.is_over()) {
        detail::pause(5);
        const bool done = detail::native::connect(handle_, peer.data(), peer.size()) == 0;
        code = done ? std::error_code() : detail::last_error();
    }
    // A blocking socket that did not wait to the end: somebody has set SO_SNDTIMEO, and that time is over.
    const bool under_way = may_wait && detail::reason_of(code) == std::errc::operation_in_progress;
    const bool late = under_way && limit.is_never() && detail::is_blocking(handle_, false);
    if (late || (may_wait && detail::would_block(code))) {
        code = detail::code_of(std::errc::timed_out);
    } else if (under_way || detail::is_interrupted(code)) {
        const bool done = wait({"connect", detail::Event::writable}, limit);
        code = done ? std::error_code(option<int>(SOL_SOCKET, SO_ERROR), detail::category())
                    : detail::code_of(std::errc::timed_out);
    }
    const std::errc reason = detail::reason_of(code);
    const bool goes_on = detail::would_block(code) || reason == std::errc::operation_in_progress ||
                         reason == std::errc::already_connected ||
                         reason == std::errc::connection_already_in_progress;
    if (watch) watch->connect_ends(handle_, peer.data(), peer.size(), code);
    if (code && type_ == Type::stream && !goes_on) (void)handle_.close();
    return code;
}

inline std::error_code Socket::connect_within(const Address& peer, const detail::Deadline& limit) {
    if (limit.is_never()) return connect_by(peer, limit, true);
    (void)detail::set_blocking(handle_, false);
    const std::error_code code = connect_by(peer, limit, true);
    if (handle_.is_open()) (void)detail::set_blocking(handle_, blocking_);
    return code;
}

[[gnu::cold, gnu::noinline]] inline void Socket::fail_connect(std::error_code code, const Address& peer,
                                                              const detail::Deadline& limit) {
    detail::Text late;
    if (detail::reason_of(code) == std::errc::timed_out && !limit.is_never())
        late << "no answer within " << limit.limit() << " ms";
    detail::raise(code, "connect", detail::Text() << "to " << peer.to_string(), late);
}

} // namespace sockets
