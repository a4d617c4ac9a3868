/// @file
/// @brief Socket: what its errors say. Part of socket.hpp.

namespace sockets {

inline detail::Deadline Socket::deadline(detail::Event event) const noexcept {
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

/// Which address it was about: the peer's if there is one, else this side's; "" for a local peer that was never bound.
inline std::string Socket::place(const Step& step) const {
    const std::string_view primitive = step.primitive;
    const bool bare =
        primitive == "send_to" || primitive == "join" || primitive == "leave"; // no word is missing
    const char* preposition = bare ? "" : step.event == detail::Event::readable ? "from " : "to ";
    Address asked;
    if (!step.to && !ask_address(true, asked)) preposition = ask_address(false, asked) ? "on " : "";
    const Address& address = step.to ? *step.to : asked;
    return address.size() == 0 ? "" : preposition + address.to_string();
}

SOCKETS_COLD inline void Socket::fail(const Step& step, int error, const std::string& hint) const {
    if (type_ == Type::datagram) error = detail::datagram_error(error);
    const int domain = step.to ? step.to->address_.domain() : domain_;
    detail::raise(error, step.primitive, place(step), hint, detail::kind_of(domain));
}

/// There is no socket, or it does not take IPv6 alone.
SOCKETS_COLD inline void Socket::fail_open(int error) const {
    detail::raise(error, handle_.is_open() ? "set_option" : "socket");
}

SOCKETS_COLD inline void Socket::fail_connect(int error, const Address& peer,
                                              const detail::Deadline& limit) const {
    const Step step{"connect", detail::Event::writable, &peer, 0, 0, "no answer"};
    if (detail::reason_of(error) == std::errc::timed_out && !limit.is_never()) fail_late(step, limit);
    fail(step, error);
}

SOCKETS_COLD inline void Socket::fail_not_stream() const {
    require_open("recv");
    fail({"recv", detail::Event::readable}, detail::error_of(std::errc::operation_not_supported),
         "a datagram comes whole");
}

SOCKETS_COLD inline void Socket::fail_closed(const char* primitive) {
    detail::raise(std::errc::bad_file_descriptor, primitive, "", "this socket is closed");
}

SOCKETS_COLD inline void Socket::fail_empty(const char* primitive) {
    detail::raise(std::errc::invalid_argument, primitive, "", "the address is empty");
}

/// The peer has ended: between two messages, which is no fault, or within one.
SOCKETS_COLD inline void Socket::fail_at_end(const Step& step) const {
    const std::string size = std::to_string(step.size);
    if (step.done == 0 && ahead_ == 0)
        throw Error(StreamErrc::ended, step.primitive, place(step),
                    "no message of " + size + " bytes begins");
    std::string hint = "the peer ended after " + step.progress();
    if (ahead_ != 0 && step.done < step.size)
        hint += "; a LineReader has received " + std::to_string(ahead_) + " more: use its recv_exactly";
    fail(step, detail::error_of(std::errc::connection_reset), hint);
}

SOCKETS_COLD inline void Socket::fail_late(const Step& step, const detail::Deadline& limit) const {
    std::string late = step.done != 0 ? step.progress() : step.missing;
    late += limit.is_never() ? " in time" : " within " + std::to_string(limit.limit) + " ms";
    const std::size_t came = step.so_far.size();
    if (came != 0) {
        late += "; " + std::to_string(came) + (came == 1 ? " byte" : " bytes");
        late += " so far: " + detail::quoted(step.so_far, 30);
    }
    fail(step, detail::error_of(std::errc::timed_out), late);
}

SOCKETS_COLD inline void Socket::give_up(const Step& step, const detail::Deadline& limit) const {
    if (const detail::Watch* watch = detail::watching()) watch->gives_up(step.primitive, handle_);
    fail_late(step, limit);
}

inline std::string Socket::Step::progress() const {
    return std::to_string(done) + " of " + std::to_string(size) + " bytes";
}

} // namespace sockets
