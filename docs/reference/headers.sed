# What Doxygen reads of the headers. In Socket the plain comments above the methods become the parts of its page,
# and what users cannot call is private; elsewhere only friend classes are left out.
/^class Socket {/,/^};/ {
    s#^    // \(The eight primitives.*\)\.$#    /** @name \1 */ /** @{ */#
    s#^    // \([A-Z].*\)\.$#    /** @} */ /** @name \1 */ /** @{ */#
    s#^protected:#/** @} */ private:#
}
/^\/\*\* @} \*\/ private:/,/^};/ {
    /^    struct Step {/,/^    };/ s#.*##
    s#/\*\* @} \*/ /\*\* @name.*##
    s#///<\{0,1\}#//#
}
# Files without a name of their own, inside a class or a namespace: they are for the compiler.
s#^\#include "detail/\(visible_\|socket_refusals\).*##
s#^    friend \(class\|struct\) .*##
/^    struct Words {/,/^    };/ s#.*##

# The table of Socket's own steps is a part of the class.
/^#include "detail\/socket_inside/{
r include/sockets/detail/socket_inside.ipp
d
}

# Each program has a heading.
/^ *\/\/\/ @snippet/{
s#^\( *\)///#\1/// @par Example\
\1///#
}
