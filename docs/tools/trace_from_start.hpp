// For record.py: a program is compiled with this in front of it, and its trace is there without a word in its source.
#pragma once

#include <iostream>
#include <sockets/trace.hpp>

inline const bool traced = (sockets::trace_to(&std::cerr), true);
