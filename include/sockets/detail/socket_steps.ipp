/// @file
/// @brief Socket: what its methods are made of. Part of socket.hpp.

namespace sockets {

// --- sizes and addresses as the system takes them -----------------------------------------------------

inline void Socket::require_open(const char* primitive) const {
    if (!handle_.is_open()) fail_closed(primitive);
}

inline void Socket::require_address(const char* primitive, const Address& address) {
    if (address.size() == 0) fail_empty(primitive);
}

inline void Socket::require_type(Type type) const {
    if (type_ != type)
        detail::raise(std::errc::wrong_protocol_type, "socket", "",
                      type == Type::stream ? "TCP needs a stream socket" : "UDP needs a datagram socket");
}

inline std::size_t Socket::send_size(std::size_t size, const char* primitive) const {
    return size <= detail::max_transfer ? size : huge_send_size(primitive);
}

/// A stream takes as much as one call may have; a datagram that long there is none.
SOCKETS_COLD inline std::size_t Socket::huge_send_size(const char* primitive) const {
    require_open(primitive);
    if (type_ != Type::stream)
        fail({primitive, detail::Event::writable}, detail::error_of(std::errc::message_size));
    return detail::max_transfer;
}

inline std::size_t Socket::recv_size(std::size_t size, const char* primitive) const {
    return size != 0 && size <= detail::max_transfer ? size : unusual_recv_size(size, primitive);
}

SOCKETS_COLD inline std::size_t Socket::unusual_recv_size(std::size_t size, const char* primitive) const {
    require_open(primitive);
    if (size == 0 && type_ == Type::stream)
        fail({primitive, detail::Event::readable}, detail::error_of(std::errc::invalid_argument),
             "0 bytes could not be told from the end");
    return detail::at_most(size);
}

/// Whether the socket, which was made IPv4, needs it as the IPv4 address that it is (::ffff:127.0.0.1).
inline bool Socket::is_ipv4_in_ipv6(const Address& address) const noexcept {
    return detail::is_mapped(address.address_) && domain_ == AF_INET;
}

/// An option: 0, or why not.
inline int Socket::set_number(int level, int name, int value) const noexcept {
    return detail::set_option(handle_, level, name, &value, sizeof value) == 0 ? 0 : detail::last_error();
}

// --- after a call that has not done it all at once ----------------------------------------------------

SOCKETS_COLD inline std::size_t Socket::send_again(const void* bytes, std::size_t size) {
    return repeat({"send", detail::Event::writable},
                  [&] { return detail::send(handle_, bytes, size, send_flags_); });
}

SOCKETS_COLD inline std::size_t Socket::recv_again(void* buffer, std::size_t size, std::ptrdiff_t count) {
    const Step step{"recv", detail::Event::readable};
    if (count > 0) return fitting(step, static_cast<std::size_t>(count), size);
    return fitting(step, repeat(step, [&] { return detail::recv(handle_, buffer, size, recv_flags_); }),
                   size);
}

/// Makes the call again until it goes through.
template <class Call>
std::size_t Socket::repeat(Step step, Call call) const {
    const detail::Deadline limit = deadline(step.event);
    std::ptrdiff_t count = -1;
    while (count < 0) {
        recover(step, limit, blocking_);
        count = call();
    }
    return static_cast<std::size_t>(count);
}

/// Makes the call again, for what is left, until all of it is done. It waits, whatever set_blocking() says.
template <class Call>
void Socket::repeat_until_done(Step& step, const detail::Deadline& limit, std::ptrdiff_t count,
                               Call call) const {
    while (true) {
        if (count == 0) fail_at_end(step); // of receiving: nothing to send is all at once
        if (count < 0) recover(step, limit, true);
        else step.done += static_cast<std::size_t>(count);
        if (step.done == step.size) return;
        if (limit.is_over()) give_up(step, limit); // though the peer may always take, or have, a little more
        if (count > 0) step.woken = false;
        count = call();
    }
}

/// Makes a call that does not wait. Empty: not now.
template <class Call>
std::optional<std::size_t> Socket::call_once(const Step& step, Call call) const {
    while (true) {
        const std::ptrdiff_t count = call();
        if (count >= 0) return static_cast<std::size_t>(count);
        const int error = detail::last_error();
        require_open(step.primitive);
        if (detail::would_block(error)) return std::nullopt;
        if (!detail::is_interrupted(error)) fail(step, error);
    }
}

/// The same, again and again until the time runs out.
template <class Call>
std::optional<std::size_t> Socket::call_within(Step step, const detail::Deadline& limit, Call call) const {
    while (true) {
        const std::optional<std::size_t> count = call_once(step, call);
        if (count || limit.is_over() || !wait(step, limit)) return count;
    }
}

/// A system call has failed. Comes back when it is worth another try, and throws otherwise.
SOCKETS_COLD inline void Socket::recover(Step& step, const detail::Deadline& limit, bool may_wait) const {
    const int error = detail::last_error(); // first: whatever follows may overwrite it
    require_open(step.primitive);
    if (detail::is_interrupted(error)) return;
    if (!may_wait || !detail::would_block(error)) fail(step, error);
    // A blocking socket that would block: somebody has set SO_RCVTIMEO or SO_SNDTIMEO, and that time is over.
    const bool system_gave_up = limit.is_never() && blocking_ && detail::is_blocking(handle_, false);
    if (system_gave_up || limit.is_over() || !wait(step, limit)) give_up(step, limit);
}

/// False: the time ran out. Readiness is a hint; where it was none, as with a local receiver without room, or an
/// error that lasts, nothing tells when it will be one: ask every now and then.
SOCKETS_COLD inline bool Socket::wait(Step& step, const detail::Deadline& limit) const {
    if (step.woken) detail::pause(limit.rest() < 5 ? static_cast<int>(limit.rest()) : 5);
    const int ready = wait_until(step, limit);
    const int error = detail::last_error();
    if (ready < 0) fail(step, error);
    step.woken = true;
    return ready > 0;
}

/// Through interruptions: ready (1), the time ran out (0), or something is wrong (-1).
SOCKETS_COLD inline int Socket::wait_until(const Step& step, const detail::Deadline& limit) const noexcept {
    const detail::Watch* const watch = detail::watching();
    if (watch && !limit.is_over()) watch->waits(step.primitive, handle_, step.event);
    while (true) {
        const int ready = detail::wait(handle_, step.event, limit.rest());
        const bool interrupted = ready < 0 && detail::is_interrupted(detail::last_error());
        const bool early = ready == 0 && !limit.is_over(); // a time longer than poll takes
        if (!interrupted && !early) return ready;
    }
}

/// More than there was room for: the datagram has been cut.
inline std::size_t Socket::fitting(const Step& step, std::size_t count, std::size_t size) const {
    if (count > size) fail(step, detail::error_of(std::errc::message_size));
    return count;
}

/// recv() of a stream, as a part of a line.
inline std::size_t Socket::recv_line_part(void* buffer, std::size_t size, const detail::Deadline& limit,
                                          std::string_view so_far) {
    Step step{"recv", detail::Event::readable, nullptr, 0, 0, "no whole line", so_far};
    require_open(step.primitive);
    while (true) {
        if (limit.is_over()) give_up(step, limit); // though the peer may always have a little more
        const std::ptrdiff_t count = detail::recv(handle_, buffer, size, recv_flags_);
        if (count >= 0) return static_cast<std::size_t>(count);
        recover(step, limit, blocking_);
    }
}

/// recv() of a stream, for a LineReader, until @p step is done, which says how far that came, also if it fails.
inline void Socket::recv_until_done(void* buffer, Step& step) const {
    const detail::Deadline limit = deadline(detail::Event::readable);
    const auto call = [&] { return recv_next(buffer, step); };
    repeat_until_done(step, limit, call(), call);
}

// --- SOCKET, BIND -------------------------------------------------------------------------------------

inline Socket::Socket(NativeHandle handle, Type type, int domain) noexcept
    : handle_(handle), recv_flags_(type == Type::stream ? 0 : detail::whole), domain_(domain), type_(type) {}

/// 0, or why not: fail_open() says what failed.
inline int Socket::open(int domain, Type type, int protocol) noexcept {
    if (const int failed = detail::start()) return failed;
    handle_.take(detail::make(domain, static_cast<int>(type), protocol));
    if (!handle_.is_open()) return detail::last_error();
    domain_ = domain;
    type_ = type;
    recv_flags_ = type == Type::stream ? 0 : detail::whole;
    connecting_ = connected_ = false;
    return domain == AF_INET6 ? take_ipv6_alone() : 0;
}

inline int Socket::take_ipv6_alone() noexcept {
    const int error = set_number(IPPROTO_IPV6, IPV6_V6ONLY, 1);
    return type_ == Type::raw && detail::is_no_option(error) ? 0 : error; // that one takes no IPv4 anyway
}

/// 0, or why not.
inline int Socket::bind_to(const Address& local) const noexcept {
    detail::Sockaddr address = local.address_;
    if (is_ipv4_in_ipv6(local)) detail::unmap(address);
    return detail::bind(handle_, &address.any, address.size) == 0 ? 0 : detail::last_error();
}

// --- ACCEPT -------------------------------------------------------------------------------------------

inline void Socket::accept_client(Socket& client, Address& address) const {
    if (!accept_once(client, address, blocking_)) accept_again(client, address);
}

SOCKETS_COLD inline void Socket::accept_again(Socket& client, Address& address) const {
    if (detail::is_of_one_client(detail::last_error()) && accept_next(client, address, blocking_)) return;
    (void)repeat({"accept", detail::Event::readable},
                 [&] { return accept_next(client, address, blocking_) ? 0 : -1; });
}

/// False: nobody, and last_error() says why.
inline bool Socket::accept_once(Socket& client, Address& address, bool waits) const noexcept {
    detail::Sockaddr& from = address.address_;
    from.size = sizeof from.room;
    const NativeHandle handle = detail::accept(handle_, &from.any, &from.size, waits);
    if (handle == detail::no_handle) return false;
    if (from.any.sa_family == AF_UNIX) detail::forget_unnamed(from);
    client.handle_.take(handle);
    client.domain_ = domain_;
    client.type_ = type_;
    client.recv_flags_ = recv_flags_ & detail::whole;
    return true;
}

/// The same, passing over who has gone again meanwhile.
inline bool Socket::accept_next(Socket& client, Address& address, bool waits) const noexcept {
    do {
        if (accept_once(client, address, waits)) return true;
    } while (detail::is_of_one_client(detail::last_error()));
    return false;
}

/// False: nobody came in time. The socket stays non-blocking; accept() waits by itself then.
inline bool Socket::accept_client_within(Socket& client, Address& address, milliseconds timeout) {
    const detail::Deadline limit = detail::deadline_in(timeout, "accept");
    const Step step{"accept", detail::Event::readable};
    require_open(step.primitive);
    if (detail::set_blocking(handle_, false) != 0) fail(step, detail::last_error());
    return call_within(step, limit, [&] { return accept_next(client, address, false) ? 0 : -1; }).has_value();
}

} // namespace sockets
