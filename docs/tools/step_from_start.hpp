// For seen.py: the program waits for a line before each primitive, and says which one it was afterwards.
#pragma once

#include <iostream>
#include <sockets/trace.hpp>

inline const bool traced = [] {
    sockets::TraceStyle style;
    style.columns = 160;
    style.waiting = nullptr;
    style.before = [](const std::string&) {
        std::cerr << "next?" << std::endl;
        std::cin.get();
    };
    sockets::trace_to(&std::cerr, style);
    return true;
}();
