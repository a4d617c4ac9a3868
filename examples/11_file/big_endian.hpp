// Numbers as the network has them: the highest byte first, whatever this machine does.
#pragma once

#include <string>
#include <string_view>

// 5001 in two bytes: 0x13 0x89.
template <class Number>
std::string big_endian(Number number) {
    std::string bytes(sizeof number, '\0');
    for (std::size_t place = bytes.size(); place > 0; --place) {
        bytes[place - 1] = static_cast<char>(number & 0xff);
        number = static_cast<Number>(sizeof number > 1 ? number >> 8 : 0);
    }
    return bytes;
}

// The same the other way round; there must be enough of them.
template <class Number>
Number from_big_endian(std::string_view bytes) {
    Number number = 0;
    for (const char byte : bytes.substr(0, sizeof number))
        number = static_cast<Number>(static_cast<Number>(number << 8) |
                                     static_cast<unsigned char>(byte));
    return number;
}
