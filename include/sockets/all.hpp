/// @file
/// @brief Everything, in the order in which it is built.
#pragma once

#include "error.hpp"
#include "address.hpp"
#include "socket.hpp"
#include "tcp.hpp"
#include "udp.hpp"
#include "selector.hpp"
#include "lines.hpp"
#include "stream.hpp"
#include "trace.hpp"
