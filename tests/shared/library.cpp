// One of two shared libraries, each with the whole of sockets inside.
#include "library.hpp"

namespace library {

void fail_to_resolve() {
    throw sockets::Error(sockets::ResolveErrc::unknown_host, "getaddrinfo", "of nobody:80");
}

std::error_code code_of(sockets::ResolveErrc reason) { return reason; }
std::error_code code_of(sockets::StreamErrc reason) { return reason; }

bool is_unknown_host(const std::error_code& code) { return code == sockets::ResolveErrc::unknown_host; }
bool is_ended(const std::error_code& code) { return sockets::StreamErrc::ended == code; }

bool catches(void (*action)()) {
    try {
        action();
    } catch (const sockets::Error& error) {
        return error.primitive() == "getaddrinfo" && is_unknown_host(error.code());
    } catch (...) {}
    return false;
}

void use_a_socket() { sockets::UdpSocket(sockets::Family::ipv4).close(); }

} // namespace library
