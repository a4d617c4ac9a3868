/// @file
/// @brief The end of what visible_begin.hpp has begun.

#ifdef __GNUC__
#pragma GCC visibility pop
#endif
