// What an Error has, a few lines each.
#include <iostream>
#include <sockets/address.hpp>
#include <sockets/error.hpp>
#include <sockets/socket.hpp>

using namespace sockets;

void error() {
    //! [constructor]
    const Error error(make_error_code(std::errc::timed_out), "recv", "from 127.0.0.1:8000");
    std::cout << error.what() << '\n'; // prints: recv from 127.0.0.1:8000: *
    //! [constructor]
    //! [primitive]
    std::cout << error.primitive() << '\n'; // prints: recv
    //! [primitive]
}

void what() {
    //! [what]
    try {
        (void)Address("localhost", 70000);
    } catch (const Error& error) {
        std::cout << error.what() << '\n'; // prints: address with port 70000: *
    }
    //! [what]
}

void codes() {
    //! [make_error_code]
    const std::error_code reason = make_error_code(ResolveErrc::unknown_host);
    std::cout << reason.message() << '\n'; // prints: Unknown host
    //! [make_error_code]
    //! [resolve]
    try {
        (void)Address::resolve("localhost", "sin-servicio");
    } catch (const Error& error) {
        std::cout << (error.code() == ResolveErrc::unknown_service)
                  << (error.code() != ResolveErrc::unknown_host) << '\n'; // prints: 11
    }
    //! [resolve]
}

void ended() {
    auto [one, other] = Socket::pair();
    //! [make_stream_error_code]
    const std::error_code end = make_error_code(StreamErrc::ended);
    std::cout << end.message() << '\n'; // prints: The peer has ended
    //! [make_stream_error_code]
    //! [stream]
    one.close();
    try {
        (void)other.recv_exactly(4);
    } catch (const Error& error) {
        std::cout << (error.code() == StreamErrc::ended) << '\n'; // prints: 1
    }
    //! [stream]
}

int main() {
    error();
    what();
    codes();
    ended();
}
