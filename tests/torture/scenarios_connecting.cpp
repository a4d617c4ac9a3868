// ACCEPT and CONNECT.

#include "connecting.hpp"

#include <unistd.h>

namespace torture {

namespace {

/// Two clients who wait: where one is lost with the call that failed (a socket that could not be made safe is closed),
/// the other one is next.
template <class S>
struct Door {
    Peer raw = raw_listener();
    Address address = raw.address();
    Peer first = raw_client(address);
    Peer second = raw_client(address);
    S server = as<S>(::dup(raw.handle()));

    template <class Client>
    void check_client(const Client& client) const {
        const Quiet quiet;
        check(client.address == first.address() || client.address == second.address(), "not the client");
        check(blocks(client.socket.native_handle()), "the client's socket does not block");
        check(client.socket.remote_address() == client.address, "not the client's address");
    }
};

/// Nobody has come yet.
template <class S>
struct EmptyDoor {
    Peer raw = raw_listener();
    Address address = raw.address();
    S server = as<S>(::dup(raw.handle()));
    Peer client;

    void somebody_comes() { client = raw_client(address); }
};

const std::vector<Rule> not_now = {{"accept*", EAGAIN, same()}};

void add_accept(Scenarios& all) {
    with<Socket, TcpListener>(all, "accept", "accept", {"Socket, TcpListener::accept()"}, [](auto kind) {
        Door<typename decltype(kind)::Type> door;
        begin();
        door.check_client(go_on([&] { return door.server.accept(); }));
    });
    with<Socket, TcpListener>(
        all, "accept: on a socket set non-blocking", "accept", {},
        [](auto kind) {
            EmptyDoor<typename decltype(kind)::Type> door;
            door.server.set_blocking(false);
            begin();
            (void)door.server.accept();
        },
        not_now);
    with<Socket, TcpListener>(all, "accept: waits, also after try_accept", "accept", {},
                              [](auto kind) {
                                  EmptyDoor<typename decltype(kind)::Type> door;
                                  check(!door.server.try_accept(), "somebody came");
                                  const Meanwhile meanwhile([&] { door.somebody_comes(); });
                                  begin();
                                  const auto client = door.server.accept();
                                  check(client.address == door.client.address(), "not the client");
                              },
                              {{"accept*", EAGAIN, same()},
                               {"fcntl", 0, may_fail("accept")}}); // what mode it is in may be asked in vain
}

void add_accept_in_time(Scenarios& all) {
    with<Socket, TcpListener>(
        all, "accept: in time", "accept", {"Socket, TcpListener::accept(milliseconds)"},
        [](auto kind) {
            Door<typename decltype(kind)::Type> door;
            begin();
            const auto client = go_on([&] { return door.server.accept(patience); });
            check(client.has_value(), "nobody came");
            door.check_client(*client);
        },
        not_now);
    with<Socket, TcpListener>(
        all, "accept: somebody comes in time", "accept", {},
        [](auto kind) {
            EmptyDoor<typename decltype(kind)::Type> door;
            const Meanwhile meanwhile([&] { door.somebody_comes(); });
            begin();
            const auto client = door.server.accept(patience);
            check(client && client->address == door.client.address(), "not the client");
        },
        not_now);
    with<Socket, TcpListener>(
        all, "accept: nobody comes in time", "accept", {},
        [](auto kind) {
            EmptyDoor<typename decltype(kind)::Type> door;
            begin();
            check(!door.server.accept(soon), "somebody came");
        },
        not_now);
}

void add_try_accept(Scenarios& all) {
    with<Socket, TcpListener>(
        all, "try_accept", "accept", {"Socket, TcpListener::try_accept()"},
        [](auto kind) {
            Door<typename decltype(kind)::Type> door;
            begin();
            door.check_client(go_on([&] {
                return until([&] { return door.server.try_accept(); },
                             [&] { (void)door.server.wait_readable(patience); });
            }));
        },
        not_now);
    with<Socket, TcpListener>(
        all, "try_accept: nobody", "accept", {},
        [](auto kind) {
            EmptyDoor<typename decltype(kind)::Type> door;
            begin();
            check(!door.server.try_accept(), "somebody came");
        },
        not_now);
}

// --- CONNECT ------------------------------------------------------------------------------------------

void add_connect(Scenarios& all) {
    with<Socket, TcpSocket>(all, "connect", "connect", {"Socket, TcpSocket::connect(const Address&)"},
                            [](auto kind) {
                                const Peer listener = raw_listener();
                                const Address address = listener.address();
                                auto socket = stream<typename decltype(kind)::Type>();
                                connect_it(socket, [&] { socket.connect(address); });
                                check_connected(socket, listener);
                            });
    with<Socket, TcpSocket>(all, "connect: refused", "connect", {}, [](auto kind) {
        const Peer nobody_listens = nobody();
        const Address address = nobody_listens.address();
        auto socket = stream<typename decltype(kind)::Type>();
        connect_it(socket, [&] { socket.connect(address); });
    });
    all.push_back({"connect: a path", "connect", {}, [] {
                       const Peer listener = raw_listener(Family::local);
                       const Address address = listener.address();
                       auto socket = stream<Socket>(Family::local);
                       connect_it(socket, [&] { socket.connect(address); });
                       check_connected(socket, listener);
                   }});
    with<Socket, UdpSocket>(all, "connect: datagrams", "connect", {"UdpSocket::connect(const Address&)"},
                            [](auto kind) {
                                const Peer peer = raw_datagram();
                                const Address address = peer.address();
                                auto socket =
                                    as<typename decltype(kind)::Type>(::dup(raw_datagram().handle()));
                                begin();
                                go_on([&] { socket.connect(address); });
                                const Quiet quiet;
                                check(socket.remote_address() == address, "not connected");
                            },
                            {{"connect", EINPROGRESS, fails("connect", EINPROGRESS, ETIMEDOUT)}});
}

void add_connect_in_time(Scenarios& all) {
    with<Socket, TcpSocket>(
        all, "connect: in time", "connect", {"Socket, TcpSocket::connect(const Address&, milliseconds)"},
        [](auto kind) {
            const Peer listener = raw_listener();
            const Address address = listener.address();
            auto socket = stream<typename decltype(kind)::Type>();
            connect_it(socket, [&] { socket.connect(address, patience); });
            check_connected(socket, listener);
        },
        waits);
    with<Socket, TcpSocket>(
        all, "connect: refused in time", "connect", {},
        [](auto kind) {
            const Peer nobody_listens = nobody();
            const Address address = nobody_listens.address();
            auto socket = stream<typename decltype(kind)::Type>();
            connect_it(socket, [&] { socket.connect(address, patience); });
        },
        waits);
    all.push_back({"connect: no answer in time",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener(Family::ipv4, 0); // with room for one
                       const Address address = listener.address();
                       const Peer other = raw_client(address);
                       auto socket = stream<TcpSocket>();
                       connect_it(socket, [&] { socket.connect(address, soon); });
                   },
                   waits});
    all.push_back({"connect: a path in time",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener(Family::local);
                       const Address address = listener.address();
                       auto socket = stream<Socket>(Family::local);
                       connect_it(socket, [&] { socket.connect(address, patience); });
                       check_connected(socket, listener);
                   },
                   {{"connect", EAGAIN, same()}, {"connect", EINPROGRESS, impossible()}}});
    all.push_back({"connect: datagrams in time",
                   "connect",
                   {"UdpSocket::connect(const Address&, milliseconds)"},
                   [] {
                       const Peer peer = raw_datagram();
                       const Address address = peer.address();
                       UdpSocket socket;
                       begin();
                       socket.connect(address, patience);
                   },
                   {{"connect", EAGAIN, same()}, {"connect", EINPROGRESS, may_fail("connect")}}});
}

void add_connect_under_way(Scenarios& all) {
    all.push_back({"connect: under way, on a socket set non-blocking",
                   "connect",
                   {},
                   [] {
                       const Peer listener = raw_listener();
                       const Address address = listener.address();
                       TcpSocket socket;
                       socket.set_blocking(false);
                       begin();
                       try {
                           socket.connect(address);
                       } catch (const Error& error) {
                           if (error.code() != std::errc::operation_in_progress) throw;
                           const Quiet quiet;
                           check(socket.wait_writable(patience), "it does not go on");
                       }
                       check_connected(socket, listener);
                   },
                   {{"connect", EINPROGRESS, same()}, {"connect", EAGAIN, fails("connect")}}});
}

// --- by name ------------------------------------------------------------------------------------------

/// Each of two addresses is tried: what goes wrong with the first one is mended by the second.
const std::vector<Rule> second_one = {
    {"socket", 0, same()},     {"connect", 0, same()}, {"fcntl", 0, same()},
    {"getsockopt", 0, same()}, {"poll", 0, same()},    {"close", 0, same()},
};

/// The code is the last one's.
const std::vector<Rule> last_one = {
    {"socket", 0, may_fail("connect")},
    {"connect", EINTR, same()},
    {"connect", EINPROGRESS, may_fail("connect", ETIMEDOUT)},
    {"connect", EAGAIN, Expect{true, "connect", EAGAIN, ETIMEDOUT}},
    {"connect", 0, may_fail("connect")},
    {"fcntl", 0, may_fail("connect")},
    {"getsockopt", 0, may_fail("connect")},
    {"poll", 0, may_fail("connect")},
};

int port_of_all(const Peer& listener) { return listener.address().port(); }

/// A server on every address of this machine.
Peer server_everywhere() {
    const Quiet quiet;
    TcpListener server(Address::any(0));
    return Peer(server.release());
}

void add_by_name(Scenarios& all, const char* name, const char* uses, milliseconds limit,
                 const std::vector<Rule>& rules) {
    const auto make = [limit](const std::string& host, int port) {
        return limit.count() == 0 ? TcpSocket(host, port) : TcpSocket(host, port, limit);
    };
    const std::string in_time = name;
    all.push_back({"TcpSocket: host and port" + in_time,
                   "connect|socket",
                   {uses},
                   [make] {
                       const Peer listener = raw_listener();
                       const int port = port_of_all(listener);
                       begin();
                       TcpSocket socket = make("127.0.0.1", port);
                       check_connected(socket, listener);
                   },
                   rules});
    all.push_back({"TcpSocket: refused" + in_time,
                   "connect|socket",
                   {},
                   [make] {
                       const Peer nobody_listens = nobody();
                       const int port = port_of_all(nobody_listens);
                       begin();
                       (void)make("127.0.0.1", port);
                   },
                   rules});
    all.push_back({"TcpSocket: two addresses" + in_time,
                   "connect|socket",
                   {},
                   [make] {
                       const Peer listener = server_everywhere();
                       const int port = port_of_all(listener);
                       begin();
                       TcpSocket socket = make("two.test", port);
                       check_connected(socket, listener);
                   },
                   second_one});
    all.push_back({"TcpSocket: two addresses, both refused" + in_time,
                   "connect|socket",
                   {},
                   [make] {
                       const Peer nobody_listens = nobody();
                       const int port = port_of_all(nobody_listens);
                       begin();
                       (void)make("two.test", port);
                   },
                   last_one});
}

} // namespace

void add_accepting(Scenarios& all) {
    add_accept(all);
    add_accept_in_time(all);
    add_try_accept(all);
}

void add_connecting(Scenarios& all) {
    add_connect(all);
    add_connect_in_time(all);
    add_connect_under_way(all);
    add_by_name(all, "", "TcpSocket::TcpSocket(const std::string&, int)", milliseconds(0), {});
    add_by_name(all, ", in time", "TcpSocket::TcpSocket(const std::string&, int, milliseconds)", patience,
                waits);
}

} // namespace torture
