/// @file
/// @brief What the scenarios of CONNECT share.
#pragma once

#include "scene.hpp"

#include <type_traits>

namespace torture {

/// A stream socket is closed after a connect that has failed; not if that leaves it under way, or connected.
template <class S, class Connect>
void connect_it(S& socket, Connect connect) {
    begin();
    try {
        connect();
    } catch (const Error& error) {
        const Quiet quiet;
        if (error.code() == std::errc::resource_unavailable_try_again) throw; // either is right
        const bool stays = error.code() == std::errc::operation_in_progress ||
                           error.code() == std::errc::connection_already_in_progress ||
                           error.code() == std::errc::already_connected;
        check(socket.is_open() == stays, stays ? "closed though under way" : "open after a failed connect");
        throw;
    }
    const Quiet quiet;
    check(blocks(socket.native_handle()), "does not block any more");
}

template <class S>
S stream(Family family = Family::ipv4) {
    if constexpr (std::is_same_v<S, Socket>) return Socket(family, Type::stream);
    else return S(family);
}

/// The server's side of it: the bytes come. Before it others may have come, who were given up.
template <class S>
void check_connected(S& socket, const Peer& listener) {
    const Quiet quiet;
    const Address own = socket.local_address();
    Peer client = listener.take();
    for (int i = 0; i < 2 && own.size() > 2 && client.peer_address() != own; ++i) client = listener.take();
    socket.send_all("x");
    check(client.hear(1) == "x", "not connected");
}

inline const std::vector<Rule> waits = {{"connect", EINPROGRESS, same()}, {"connect", EAGAIN, same()}};

} // namespace torture
