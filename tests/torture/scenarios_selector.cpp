// SELECT: waits for many.

#include "scene.hpp"

namespace torture {

namespace {

void add_inside(Scenarios& all) {
    all.push_back(
        {"Selector: made and moved",
         "select",
         {"Selector::Selector()", "Selector::Selector(Selector&&)", "Selector::operator=(Selector&&)"},
         [] {
             begin();
             Selector selector = keep_on([] { return Selector(); });
             Selector moved(std::move(selector));
             selector = std::move(moved);
         }});
    with<Socket, TcpSocket, TcpListener, UdpSocket>(
        all, "Selector: add", "add", {"Selector::add(const S&, Interest)"}, [](auto kind) {
            using S = typename decltype(kind)::Type;
            const Peer raw = std::is_same_v<S, UdpSocket> ? raw_datagram() : raw_listener();
            const S socket = as<S>(::dup(raw.handle()));
            Selector selector;
            begin();
            go_on([&] { selector.add(socket); });
            const Quiet quiet;
            check(selector.select(milliseconds(0)).empty(), "somebody is ready");
        });
    all.push_back({"Selector: add twice", "add", {}, [] {
                       const UdpSocket socket(0);
                       Selector selector;
                       selector.add(socket);
                       begin();
                       selector.add(socket);
                   }});
    all.push_back({"Selector: modify", "modify", {"Selector::modify(const S&, Interest)"}, [] {
                       const UdpSocket socket(0);
                       Selector selector;
                       selector.add(socket);
                       begin();
                       go_on([&] { selector.modify(socket, Interest::write); });
                       const Quiet quiet;
                       check(selector.select(patience).size() == 1, "nobody is ready");
                   }});
    all.push_back({"Selector: modify who is not inside", "modify", {}, [] {
                       const UdpSocket socket(0);
                       Selector selector;
                       begin();
                       selector.modify(socket, Interest::write);
                   }});
    all.push_back({"Selector: remove", "remove", {"Selector::remove(const S&)"}, [] {
                       const UdpSocket socket(0);
                       Selector selector;
                       selector.add(socket, Interest::write);
                       begin();
                       go_on([&] { selector.remove(socket); });
                       const Quiet quiet;
                       check(selector.select(milliseconds(0)).empty(), "somebody is ready");
                   }});
}

/// A Selector with one end of a connection inside.
struct Waiting {
    Connected<TcpSocket> both;
    Selector selector;

    explicit Waiting(Interest interest, Connected<TcpSocket> ends = connected<TcpSocket>())
        : both(std::move(ends)) {
        selector.add(both.ours, interest);
    }

    void check_ready(const std::vector<Ready>& ready, bool readable) const {
        check(ready.size() == 1 && ready.front().is(both.ours), "not the one");
        check(readable ? ready.front().readable : ready.front().writable, "not what was asked");
    }
};

void add_select(Scenarios& all) {
    all.push_back({"select: somebody is ready", "select", {"Selector::select()", "Ready::is(const S&)"}, [] {
                       Waiting waiting(Interest::read);
                       waiting.both.peer.say(message);
                       begin();
                       waiting.check_ready(go_on([&]() -> std::vector<Ready> {
                                               const auto& ready = waiting.selector.select();
                                               const Quiet quiet;
                                               return ready;
                                           }),
                                           true);
                   }});
    // Before it waits for ever it may ask whether somebody is left: what fails then is no reason to forget him.
    all.push_back({"select: waits for long, then somebody is ready",
                   "select",
                   {},
                   [] {
                       Waiting waiting(Interest::read);
                       torture_hurry(1000, 5);
                       const Meanwhile meanwhile([&] { waiting.both.peer.say(message); }, -1, 60000);
                       begin();
                       waiting.check_ready(waiting.selector.select(), true);
                   },
                   {{"epoll_ctl", EBADF, impossible()},
                    {"epoll_ctl", ENOENT, impossible()},
                    {"epoll_ctl", 0, same()}}});
    all.push_back({"select: in time", "select", {"Selector::select(milliseconds)"}, [] {
                       Waiting waiting(Interest::write);
                       begin();
                       waiting.check_ready(waiting.selector.select(patience), false);
                   }});
    all.push_back({"select: somebody comes in time", "select", {}, [] {
                       Waiting waiting(Interest::read_write, full<TcpSocket>());
                       const Meanwhile meanwhile([&] { waiting.both.peer.say(message); });
                       begin();
                       waiting.check_ready(keep_on([&]() -> const std::vector<Ready>& {
                                               return waiting.selector.select(patience);
                                           }),
                                           true);
                   }});
    all.push_back({"select: nobody in time", "select", {}, [] {
                       Waiting waiting(Interest::read);
                       begin();
                       check(waiting.selector.select(soon).empty(), "somebody is ready");
                   }});
    all.push_back({"select: nobody is inside", "select", {}, [] {
                       Selector selector;
                       begin();
                       (void)selector.select();
                   }});
}

#ifdef __linux__
constexpr bool tells = true;
#else
constexpr bool tells = false; // then time runs out
#endif

void add_the_end(Scenarios& all) {
    // On Linux who waits for room alone learns of the peer's end.
    all.push_back({"select: the peer's end, for who waits for room",
                   "select",
                   {},
                   [] {
                       Waiting waiting(Interest::write, full<TcpSocket>());
                       waiting.both.peer.finish();
                       begin();
                       const milliseconds limit = tells ? milliseconds(500) : soon;
                       const auto ready = keep_on([&] { return waiting.selector.select(limit).size(); });
                       check(ready == 1 || !tells, "nobody was told");
                   },
                   {{"epoll_ctl", 0, same()}}});
    all.push_back({"select: many", "select", {}, [] {
                       std::vector<UdpSocket> sockets;
                       Selector selector;
                       for (int i = 0; i < 40; ++i) {
                           sockets.emplace_back();
                           selector.add(sockets.back(), Interest::write);
                       }
                       std::size_t count = 0;
                       begin();
                       for (int i = 0; i < 5 && count < sockets.size(); ++i)
                           count = keep_on([&] { return selector.select(patience).size(); });
                       check(count == sockets.size(), "not all of them");
                   }});
}

} // namespace

void add_selector(Scenarios& all) {
    add_inside(all);
    add_select(all);
    add_the_end(all);
}

} // namespace torture
