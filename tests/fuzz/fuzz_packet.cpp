// Any bytes may pass: a packet is understood, or is none; nothing is read behind its end.

#include <vector>

#include "../../examples/13_packets/packet.hpp"
#include "promise.hpp"

namespace {

std::string bytes(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) text += static_cast<char>(value);
    return text;
}

const std::string cards(12, '\1');
const std::string tcp =
    bytes({0x13, 0x89, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0, 0, 0, 0}) + "hola";
const std::string udp = bytes({0x13, 0x89, 0, 53, 0, 12, 0, 0}) + "hola";

std::string in_ipv4(int protocol, const std::string& inside) {
    const int total = static_cast<int>(20 + inside.size());
    return cards + bytes({8,        0, 0x45, 0,   total >> 8, total & 255, 0, 0,   0, 0, 64,
                          protocol, 0, 0,    127, 0,          0,           1, 127, 0, 0, 1}) +
           inside;
}

std::string in_ipv6(int protocol, const std::string& inside) {
    const int size = static_cast<int>(inside.size());
    return cards + bytes({0x86, 0xdd, 0x60, 0, 0, 0, size >> 8, size & 255, protocol, 64}) +
           std::string(15, '\0') + '\1' + std::string(15, '\0') + '\1' + inside;
}

} // namespace

extern const std::vector<std::string> seeds;
const std::vector<std::string> seeds = {in_ipv4(6, tcp), in_ipv4(17, udp), in_ipv6(6, tcp), in_ipv6(17, udp),
                                        in_ipv4(1, "ping")};

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto packet = packet_in(text_of(data, size));
    if (!packet) return 0;
    Narrator narrator;
    promise(packet->size <= 65535 && packet->from_port <= 65535);
    promise(narrator.line(*packet).find(" > ") != std::string::npos);
    promise(narrator.line(*packet) == narrator.line(*packet));
    return 0;
}
