// CRC-32, as zip and Ethernet have it: finds bytes that a fault has changed. It protects nobody
// from malice: whoever wants to makes another file with the same sum.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

class Crc32 {
public:
    void add(std::string_view bytes) {
        static const std::array<std::uint32_t, 256> table = make_table();
        for (const char byte : bytes)
            sum_ = table[(sum_ ^ static_cast<unsigned char>(byte)) & 0xff] ^ (sum_ >> 8);
    }
    std::uint32_t value() const { return ~sum_; }

private:
    static std::array<std::uint32_t, 256> make_table() {
        std::array<std::uint32_t, 256> table{};
        for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
            std::uint32_t sum = byte;
            for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ (sum & 1 ? 0xedb88320u : 0);
            table[byte] = sum;
        }
        return table;
    }

    std::uint32_t sum_ = 0xffffffffu;
};
