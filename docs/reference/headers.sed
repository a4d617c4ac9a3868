# What Doxygen reads of the headers. In Socket the plain comments above the methods become the parts of its page,
# and what users cannot call is private; elsewhere only friend classes are left out. No line is added or removed.
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
s#^    friend \(class\|struct\) .*##
