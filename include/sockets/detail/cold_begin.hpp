/// @file
/// @brief SOCKETS_COLD marks what seldom happens: it stays out of the usual case's way. cold_end.hpp takes the word
/// away again, so that programs do not see it.

#ifdef _MSC_VER
#define SOCKETS_COLD __declspec(noinline)
#else
#define SOCKETS_COLD [[gnu::cold, gnu::noinline]]
#endif
