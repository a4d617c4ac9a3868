// CONNECT, never waiting, and to one address.

#include "connecting.hpp"

#include <algorithm>
#include <sstream>

namespace torture {

namespace {

/// As a program asks that has a Selector: again when there is something to see.
template <class S>
void try_until_connected(S& socket, const Address& address) {
    while (!socket.try_connect(address)) {
        const Quiet quiet;
        check(socket.wait_writable(patience), "it does not go on");
    }
}

/// A second connect would begin anew, or hide the reason. EALREADY comes only where one is under way already.
const std::vector<Rule> begins_once = {{"connect", EINPROGRESS, same()}, {"connect", EALREADY, impossible()}};

void add_try_connect(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "try_connect", "connect", {"Socket, TcpSocket::try_connect(const Address&)"},
        [](auto kind) {
            const Peer listener = raw_listener();
            const Address address = listener.address();
            auto socket = stream<typename decltype(kind)::Type>();
            connect_it(socket, [&] { try_until_connected(socket, address); });
            check(torture_made(call_connect) == 1, "it has begun more than once");
            check_connected(socket, listener);
        },
        begins_once);
    with<Socket, TcpSocket>(all, "try_connect: refused", "connect", {},
                            [](auto kind) {
                                const Peer nobody_listens = nobody();
                                const Address address = nobody_listens.address();
                                auto socket = stream<typename decltype(kind)::Type>();
                                connect_it(socket, [&] { try_until_connected(socket, address); });
                            },
                            {{"connect", EINPROGRESS, same()},
                             {"connect", EALREADY, impossible()},
                             {"fcntl", 0, may_fail("connect")}}); // it is refused, whatever its mode is
    // What cannot be asked is no reason to say that it is connected to whom was named.
    with<Socket, TcpSocket>(
        all, "try_connect: connected already", "connect", {},
        [](auto kind) {
            auto [ours, peer] = connected<typename decltype(kind)::Type>();
            const Address address = peer.address();
            connect_it(ours, [&, &one = ours] { check(one.try_connect(address), "not connected"); });
        },
        {{"connect", EISCONN, same()},
         {"connect", EINPROGRESS, impossible()},
         {"connect", EALREADY, impossible()},
         {"connect", EINTR, impossible()},
         {"getpeername", 0, fails("connect", EISCONN)}});
    all.push_back({"try_connect: connected to somebody else",
                   "connect",
                   {},
                   [] {
                       auto [ours, peer] = connected<TcpSocket>();
                       const Peer other = raw_listener();
                       const Address address = other.address();
                       connect_it(ours, [&, &one = ours] { (void)one.try_connect(address); });
                   },
                   {{"fcntl", 0, may_fail("connect")},
                    {"connect", EINPROGRESS, impossible()},
                    {"connect", EALREADY, impossible()},
                    {"connect", EINTR, impossible()}}});
    with<Socket, UdpSocket>(
        all, "try_connect: datagrams", "connect", {"UdpSocket::try_connect(const Address&)"},
        [](auto kind) {
            const Peer peer = raw_datagram();
            const Address address = peer.address();
            auto socket = as<typename decltype(kind)::Type>(::dup(raw_datagram().handle()));
            begin();
            check(go_on([&] { return socket.try_connect(address); }), "under way");
            const Quiet quiet;
            check(socket.remote_address() == address, "not connected");
        },
        {{"connect", EINPROGRESS, fails("connect", EINPROGRESS, ETIMEDOUT)}});
}

void add_try_connect_to_paths(Scenarios& all) {
    all.push_back({"try_connect: a path",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener(Family::local);
                       const Address address = listener.address();
                       auto socket = stream<Socket>(Family::local);
                       connect_it(socket, [&] { try_until_connected(socket, address); });
                       check_connected(socket, listener);
                   },
                   {{"connect", EINPROGRESS, impossible()}, {"connect", EALREADY, impossible()}}});
    // Nothing tells when there is room again: it stays open, and the program asks again.
    all.push_back({"try_connect: a path whose queue is full",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener(Family::local, 0); // with room for one
                       const Address address = listener.address();
                       const Peer other = raw_client(address);
                       auto socket = stream<Socket>(Family::local);
                       const auto asks = [&] {
                           try {
                               return socket.try_connect(address);
                           } catch (const Error& error) {
                               if (error.code() != std::errc::operation_would_block) throw;
                               check(socket.is_open(), "closed though it may ask again");
                               return false;
                           }
                       };
                       begin();
                       check(!asks(), "there was room");
                       (void)listener.take();
                       while (!asks()) {}
                       check_connected(socket, listener);
                   },
                   {{"connect", EAGAIN, same()},
                    {"fcntl", 0, may_fail("connect")},
                    {"connect", EINPROGRESS, impossible()},
                    {"connect", EALREADY, impossible()}}});
}

void add_try_connect_under_way(Scenarios& all) {
    all.push_back({"trace_to: try_connect ends what connect has begun", // which leaves two lines
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener();
                       const Address address = listener.address();
                       TcpSocket socket;
                       socket.set_blocking(false);
                       std::ostringstream out;
                       begin();
                       trace_to(&out);
                       try {
                           socket.connect(address);
                       } catch (const Error& error) {
                           if (error.code() != std::errc::operation_in_progress) throw;
                       }
                       try_until_connected(socket, address);
                       trace_to(nullptr);
                       check(torture_made(call_connect) == 1, "it has begun more than once");
                       const std::string lines = out.str();
                       check(std::count(lines.begin(), lines.end(), '\n') == 2 || memory::has_failed(),
                             "not a line of the begin and one of the end");
                       check(!blocks(socket.native_handle()), "blocks, though set not to");
                       check_connected(socket, listener);
                   },
                   {{"connect", EINPROGRESS, same()}, {"connect", EAGAIN, fails("connect")}}});
    all.push_back({"try_connect: no answer, then in time",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener(Family::ipv4, 0); // with room for one
                       const Address address = listener.address();
                       const Peer other = raw_client(address);
                       auto socket = stream<TcpSocket>();
                       connect_it(socket, [&] {
                           check(!socket.try_connect(address), "somebody answered");
                           check(!socket.try_connect(address), "somebody answered");
                           socket.connect(address, soon);
                       });
                   },
                   begins_once});
}

// --- to an address ------------------------------------------------------------------------------------

/// Where nobody listens, the socket gets the very port that it connects to: TCP connects it to itself.
struct Itself {
    Address address = nobody().address(); // nobody has it any more

    void take_the_port() const {
        const torture::Made* made = nullptr;
        const std::size_t size = torture_log(&made);
        int handle = -1;
        for (std::size_t i = 0; i < size; ++i)
            if (made[i].call == call_socket) handle = made[i].handle;
        check(::bind(handle, address.data(), address.size()) == 0, "the port is taken");
    }
};

void add_by_address(Scenarios& all, const char* name, const char* uses, milliseconds limit,
                    const std::vector<Rule>& rules) {
    const auto make = [limit](const Address& peer) {
        return limit.count() == 0 ? TcpSocket(peer) : TcpSocket(peer, limit);
    };
    const std::string in_time = name;
    all.push_back({"TcpSocket: an address" + in_time,
                   "connect|socket",
                   {uses},
                   [make] {
                       const Peer listener = raw_listener();
                       const Address address = listener.address();
                       begin();
                       TcpSocket socket = make(address);
                       check(blocks(socket.native_handle()), "does not block any more");
                       check_connected(socket, listener);
                   },
                   rules});
    all.push_back({"TcpSocket: an address, refused" + in_time,
                   "connect|socket",
                   {},
                   [make] {
                       const Peer nobody_listens = nobody();
                       const Address address = nobody_listens.address();
                       begin();
                       (void)make(address);
                   },
                   rules});
    // Who cannot be asked for his own address is taken for somebody else.
    all.push_back({"TcpSocket: itself" + in_time,
                   "connect|socket",
                   {},
                   [make] {
                       const Itself itself;
                       const Meanwhile meanwhile([&] { itself.take_the_port(); }, call_connect);
                       begin();
                       try {
                           (void)make(itself.address);
                           check(torture_has_failed() != 0, "connected to itself");
                       } catch (const Error& error) {
                           if (error.code() != std::errc::connection_refused) throw;
                       }
                   },
                   [&] {
                       std::vector<Rule> some = rules;
                       some.push_back({"connect", ECONNREFUSED, same()});
                       return some;
                   }()});
}

} // namespace

void add_connecting_further(Scenarios& all) {
    add_try_connect(all);
    add_try_connect_to_paths(all);
    add_try_connect_under_way(all);
    add_by_address(all, "", "TcpSocket::TcpSocket(const Address&)", milliseconds(0), {});
    add_by_address(all, ", in time", "TcpSocket::TcpSocket(const Address&, milliseconds)", patience, waits);
}

} // namespace torture
