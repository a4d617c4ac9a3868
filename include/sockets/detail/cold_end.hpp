/// @file
/// @brief The end of what cold_begin.hpp has begun.

#undef SOCKETS_COLD
