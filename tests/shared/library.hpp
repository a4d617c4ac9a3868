/// @file
/// @brief What the two shared libraries of this test offer. Everything else of them may be hidden.
#pragma once

#include <sockets/all.hpp>

#define EXPORT __attribute__((visibility("default")))

#ifdef SECOND
#define library second
#else
#define library first
#endif

#define OFFER(name)                                                                                          \
    namespace name {                                                                                         \
    EXPORT void fail_to_resolve();                                                                           \
    EXPORT std::error_code code_of(sockets::ResolveErrc reason);                                             \
    EXPORT std::error_code code_of(sockets::StreamErrc reason);                                              \
    EXPORT bool is_unknown_host(const std::error_code& code);                                                \
    EXPORT bool is_ended(const std::error_code& code);                                                       \
    EXPORT bool catches(void (*action)());                                                                   \
    EXPORT void use_a_socket();                                                                              \
    }

OFFER(first)
OFFER(second)
