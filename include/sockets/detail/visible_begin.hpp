/// @file
/// @brief From here on, names are the same in every shared library, even where the others are hidden: an Error
/// can be caught wherever it was thrown. visible_end.hpp ends it.

#ifdef __GNUC__
#pragma GCC visibility push(default)
#endif
