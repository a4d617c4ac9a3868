// packet_viewer: the packets of a conversation as they pass, a line each (document 000: Wireshark;
// document 004: PF_PACKET). Linux, and for the administrator.
//
//   packet_viewer [interface] [port]        0: every port

#include <sockets/socket.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

#ifdef __linux__
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#endif

#include "../console.hpp"
#include "packet.hpp"

using namespace sockets;

#ifdef __linux__

// The address of an interface: every frame that passes there.
Address interface_address(const std::string& name) {
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    if (address.sll_ifindex == 0) throw std::runtime_error("no hay interfaz " + name);
    return Address::from(reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

// Inside one machine each frame is seen twice: as it goes, and as it comes.
bool is_seen_again(const Datagram& frame, const std::string& interface) {
    const auto* from = reinterpret_cast<const sockaddr_ll*>(frame.sender.data());
    return interface == "lo" && from->sll_pkttype == PACKET_OUTGOING;
}

void view(const std::string& interface, int port) {
    Socket socket(Family::packet, Type::raw, htons(ETH_P_ALL)); // SOCKET: PF_PACKET
    socket.bind(interface_address(interface)); // BIND: to an interface, not to a port
    console::say("Mirando ", interface, port == 0 ? "" : ", puerto " + std::to_string(port));
    const auto begin = std::chrono::steady_clock::now();
    Narrator narrator;
    while (true) {
        const Datagram frame = socket.recv_from(); // RECEIVE: a whole frame
        const auto packet = packet_in(frame.data);
        if (!packet || is_seen_again(frame, interface)) continue;
        if (port != 0 && packet->from_port != port && packet->to_port != port) continue;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "%9.6f ", time.count());
        console::say(seconds, narrator.line(*packet));
    }
}

#else

void view(const std::string&, int) { throw std::runtime_error("PF_PACKET existe solo en Linux"); }

#endif

int main(int argc, char** argv) {
    console::Arguments arguments(argc, argv, "packet_viewer [interfaz = lo] [puerto = 0, todos]");
    const std::string interface_name = arguments.text("lo");
    const int port = arguments.port(0);
    arguments.done();
    try {
        view(interface_name, port);
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        if (error.code() == std::errc::operation_not_permitted)
            std::cerr << "hace falta ser administrador (sudo), o el permiso CAP_NET_RAW\n";
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
