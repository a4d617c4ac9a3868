/// @file
/// @brief Socket: what its methods are made of. Part of socket.hpp.

namespace sockets {

// --- inside -------------------------------------------------------------------------------------------

inline void Socket::require_open(const char* primitive) const {
    if (!handle_.is_open())
        detail::raise(std::errc::bad_file_descriptor, primitive, "", "this socket is closed");
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
    const bool usual = size - 1 < detail::max_transfer;
    return usual ? size : unusual_size({primitive, detail::Event::readable}, size);
}

inline std::size_t Socket::send_size(std::size_t size, const char* primitive) const {
    const bool usual = size <= detail::max_transfer;
    return usual ? size : unusual_size({primitive, detail::Event::writable}, size);
}

[[gnu::cold, gnu::noinline]] inline std::size_t Socket::unusual_size(const Step& step,
                                                                     std::size_t size) const {
    require_open(step.primitive);
    const bool stream = type_ == Type::stream;
    if (size == 0 && stream)
        fail(step, detail::error_of(std::errc::invalid_argument), "0 bytes could not be told from the end");
    if (size != 0 && !stream && step.event == detail::Event::writable)
        fail(step, detail::error_of(std::errc::message_size));
    return detail::at_most(size);
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

/// recv() of a stream, as a part of something with a limit of its own.
inline std::size_t Socket::recv_within(void* buffer, std::size_t size, const detail::Deadline& limit,
                                       const char* missing) {
    const Step step{"recv", detail::Event::readable, nullptr, 0, 0, missing};
    require_open(step.primitive);
    while (true) {
        if (limit.is_over()) give_up(step, limit); // though the peer may always have a little more
        const std::ptrdiff_t count = detail::recv(handle_, buffer, size, recv_flags_);
        if (count >= 0) return static_cast<std::size_t>(count);
        recover(step, limit, blocking_);
    }
}

/// recv() of a stream until @p step is done; it says how far that came.
inline void Socket::recv_rest(void* buffer, Step& step) {
    const detail::Deadline limit = deadline(step.event);
    while (goes_on(step, limit)) {
        char* const rest = static_cast<char*>(buffer) + step.done;
        const std::size_t size = recv_size(step.size - step.done, step.primitive);
        const std::ptrdiff_t count = detail::recv(handle_, rest, size, recv_flags_);
        if (count == 0)
            fail(step, detail::error_of(std::errc::connection_reset),
                 detail::Text() << "the peer ended after " << step.progress());
        if (count < 0) recover(step, limit, true);
        else step.done += static_cast<std::size_t>(count);
    }
}

/// Whether something of it is left to do, and time to do it.
inline bool Socket::goes_on(const Step& step, const detail::Deadline& limit) const {
    if (step.done >= step.size) return false;
    if (limit.is_over()) give_up(step, limit);
    return true;
}

/// More than there was room for: the datagram has been cut.
inline std::size_t Socket::fitting(const Step& step, std::ptrdiff_t count, std::size_t size) const {
    if (static_cast<std::size_t>(count) > size) fail(step, detail::error_of(std::errc::message_size));
    return static_cast<std::size_t>(count);
}

/// After a system call that does not wait: whether to make it again. False with a negative count: not now.
inline bool Socket::is_interrupted(const Step& step, std::ptrdiff_t count) const {
    if (count >= 0) return false;
    const int error = detail::last_error();
    if (detail::would_block(error)) return false;
    if (!detail::is_interrupted(error)) fail(step, error);
    return true;
}

/// Empty if it is negative: not now.
inline std::optional<std::size_t> Socket::transferred(std::ptrdiff_t count) {
    std::optional<std::size_t> size;
    if (count >= 0) size.emplace(static_cast<std::size_t>(count));
    return size;
}

/// A system call has failed. Comes back when it is worth another try, and throws otherwise.
[[gnu::cold, gnu::noinline]] inline void Socket::recover(const Step& step, const detail::Deadline& limit,
                                                         bool may_wait) const {
    const int error = detail::last_error(); // first: whatever follows may overwrite it
    require_open(step.primitive);
    if (detail::is_interrupted(error)) return;
    if (!may_wait || !detail::would_block(error)) fail(step, error);
    // A blocking socket that would block: somebody has set SO_RCVTIMEO or SO_SNDTIMEO, and that time is over.
    const bool system_gave_up = limit.is_never() && blocking_ && detail::is_blocking(handle_, false);
    if (system_gave_up || limit.is_over() || !wait(step, limit)) give_up(step, limit);
    // Of a local receiver without room nothing tells when it has some again: ask every now and then.
    if (step.to && step.to->family() == Family::local) detail::pause(5);
}

/// False: the time ran out.
inline bool Socket::wait(const Step& step, const detail::Deadline& limit) const {
    const detail::Watch* const watch = detail::watching();
    if (watch && !limit.is_over()) watch->waits(step.primitive, handle_, step.event);
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
    detail::Sockaddr& answer = address.address_;
    answer.size = sizeof answer.room;
    const auto ask = peer ? ::getpeername : ::getsockname;
    const bool answered = ask(handle_, &answer.any, &answer.size) == 0;
    if (!answered || detail::is_unnamed(answer)) answer.size = 0;
    return answered;
}

/// Says which address it was about: the peer's if there is one, else this side's.
[[gnu::cold, gnu::noinline]] inline void Socket::fail(const Step& step, int error, const char* hint) const {
    Address asked;
    const char* preposition = step.event == detail::Event::readable ? "from " : "to ";
    if (!step.to && !ask_address(true, asked)) preposition = ask_address(false, asked) ? "on " : "";
    const Address& address = step.to ? *step.to : asked;
    if (address.size() == 0) preposition = ""; // a local peer that was never bound
    detail::raise(error, step.primitive, detail::Text() << preposition << address.address_, hint);
}

[[gnu::cold, gnu::noinline]] inline void Socket::give_up(const Step& step,
                                                         const detail::Deadline& limit) const {
    if (const detail::Watch* const watch = detail::watching()) watch->gives_up(step.primitive, handle_);
    fail_late(step, limit);
}

[[gnu::cold, gnu::noinline]] inline void Socket::fail_late(const Step& step,
                                                           const detail::Deadline& limit) const {
    detail::Text late;
    if (step.done != 0) late << step.progress();
    else late << step.missing;
    if (limit.is_never()) late << " in time";
    else late << " within " << limit.limit << " ms";
    fail(step, detail::error_of(std::errc::timed_out), late);
}

inline detail::Text Socket::Step::progress() const {
    detail::Text text;
    text << static_cast<long long>(done) << " of " << static_cast<long long>(size) << " bytes";
    return text;
}

/// ACCEPT. False: nobody, and last_error() says why. Who has gone again meanwhile is passed over.
inline bool Socket::accept_once(Accepted& client, bool waits) {
    while (true) {
        detail::Sockaddr address;
        address.size = sizeof address.room;
        client.socket.handle_.reset(detail::accept(handle_, &address.any, &address.size, waits));
        if (client.socket.is_open()) {
            client.socket.type_ = type_;
            client.socket.recv_flags_ = recv_flags_ & detail::whole;
            client.address = Address::from(&address.any, address.size);
            return true;
        }
        if (!detail::is_of_one_client(detail::last_error())) return false;
    }
}

/// SOCKET. Some kinds of sockets know no IPV6_V6ONLY: then there is nothing to turn on.
inline int Socket::open(int domain, Type type, int protocol) {
    if (const int failed = detail::start()) return failed;
    handle_.reset(detail::make(domain, static_cast<int>(type), protocol));
    if (!handle_.is_open()) return detail::last_error();
    type_ = type;
    recv_flags_ = type == Type::stream ? 0 : detail::whole;
    const int on = 1;
    if (domain == AF_INET6) (void)detail::set_option(handle_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return 0;
}

/// CONNECT. That the socket has become writable does not say that the connection stands; SO_ERROR does.
inline int Socket::connect_by(const Address& peer, const detail::Deadline& limit, bool may_wait) {
    const detail::Watch* const watch = detail::watching();
    const sockaddr* const address = peer.data();
    const socklen_t size = peer.size();
    if (watch) watch->connect_begins(handle_, address, size);
    const bool local = peer.family() == Family::local; // then nothing of it goes on by itself
    int error = 0;
    bool again = true;
    while (again) {
        error = detail::native::connect(handle_, address, size) == 0 ? 0 : detail::last_error();
        // The listener's queue is full, and nothing tells when it has room again: ask every now and then.
        const bool full = !limit.is_never() && detail::would_block(error) && !limit.is_over();
        if (full) detail::pause(5);
        again = full || (local && detail::is_interrupted(error));
    }
    // A blocking socket that did not wait to the end: somebody has set SO_SNDTIMEO, and that time is over.
    const bool under_way = may_wait && detail::reason_of(error) == std::errc::operation_in_progress;
    const bool late = under_way && limit.is_never() && detail::is_blocking(handle_, false);
    if (late || (may_wait && detail::would_block(error))) {
        error = detail::error_of(std::errc::timed_out);
    } else if (under_way || detail::is_interrupted(error)) {
        const bool done = wait({"connect", detail::Event::writable}, limit);
        error = done ? pending_error() : detail::error_of(std::errc::timed_out);
    }
    if (watch) watch->connect_ends(handle_, address, size, error);
    if (type_ == Type::datagram && error == 0) detail::report_unreachable(handle_, true);
    if (type_ == Type::stream && error != 0 && !detail::is_under_way(error)) (void)handle_.close();
    return error;
}

inline int Socket::pending_error() const noexcept {
    int error = 0;
    socklen_t size = sizeof error;
    const bool asked = detail::get_option(handle_, SOL_SOCKET, SO_ERROR, &error, &size) == 0;
    return asked ? error : detail::last_error();
}

inline int Socket::connect_within(const Address& peer, const detail::Deadline& limit) {
    if (limit.is_never()) return connect_by(peer, limit, true);
    (void)detail::set_blocking(handle_, false);
    const int error = connect_by(peer, limit, true);
    if (handle_.is_open()) (void)detail::set_blocking(handle_, blocking_);
    return error;
}

[[gnu::cold, gnu::noinline]] inline void Socket::fail_connect(int error, const Address& peer,
                                                              const detail::Deadline& limit) const {
    const Step step{"connect", detail::Event::writable, &peer, 0, 0, "no answer"};
    if (detail::reason_of(error) == std::errc::timed_out && !limit.is_never()) fail_late(step, limit);
    fail(step, error);
}

} // namespace sockets
