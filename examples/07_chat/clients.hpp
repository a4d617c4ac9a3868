// Keeps the harm that a client does with that client: whoever fails is dropped alone, and where
// memory is short, whoever reads least pays for it. Receives and sends nothing.
#pragma once

#include <sockets/selector.hpp>
#include <sockets/tcp.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <map>
#include <new>
#include <string>
#include <utility>

#include "../console.hpp"
#include "chat.hpp"
#include "wire.hpp"

namespace chat {

constexpr std::size_t most_unsent = 1'048'576;               // bytes, for one who does not read
constexpr std::size_t most_unsent_in_all = 32 * most_unsent; // and for all of them together

// What may be left undone if it fails.
template <class Work>
void attempt(Work work) {
    try {
        work();
    } catch (const std::exception& error) {
        console::report(error);
    }
}

struct Client {
    sockets::TcpSocket socket;
    Wire wire;
    std::string unsent = {}; // what the system has not taken yet
    sockets::Interest interest = sockets::Interest::read;
    bool has_more = false; // messages, perhaps, that wait in its wire for their turn
    bool leaves = false;   // has been told goodbye
    bool lost = false;     // is told nothing more, and closed when this turn ends
    std::string why = {};

    Id id() const { return static_cast<Id>(socket.native_handle()); }

    // What was kept for it is free at once.
    void drop(const char* reason = "") {
        lost = true;
        unsent.clear();
        unsent.shrink_to_fit();
        attempt([&] { why = reason; });
    }

    // When bytes have been sent, so that a queue that was long once holds no memory for ever.
    void forget(std::size_t sent) {
        unsent.erase(0, sent);
        if (unsent.size() < unsent.capacity() / 2) unsent.shrink_to_fit();
    }
};

class Clients : public std::map<sockets::NativeHandle, Client> {
public:
    // Whatever goes wrong meanwhile, it costs this client alone.
    template <class Work>
    void attend(sockets::NativeHandle handle, Work work) {
        const auto found = find(handle);
        if (found == end() || found->second.lost) return;
        try {
            work(found->second);
        } catch (const std::exception& error) {
            found->second.drop(error.what());
        }
    }

    // For work that leaves nothing half done: it is done again as long as dropping somebody sets
    // memory free.
    template <class Work>
    auto with_memory(Work work) {
        while (true) {
            try {
                return work();
            } catch (const std::bad_alloc&) {
                if (!drop_largest()) throw;
            }
        }
    }

    void keep_to_budget() {
        std::size_t all = 0;
        for (const auto& [handle, client] : *this) all += client.unsent.size();
        if (all > most_unsent_in_all) drop_largest();
    }

    // False: nothing is kept for anybody.
    bool drop_largest() {
        const auto largest =
            std::max_element(begin(), end(), [](const auto& one, const auto& other) {
                return one.second.unsent.size() < other.second.unsent.size();
            });
        if (largest == end() || largest->second.unsent.empty()) return false;
        largest->second.drop(does_not_read);
        return true;
    }
};

} // namespace chat
