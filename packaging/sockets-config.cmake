# What find_package(sockets) reads. The library is one piece: who needs a part of it that is not there has not found it.
foreach(component IN LISTS sockets_FIND_COMPONENTS)
    if(sockets_FIND_REQUIRED_${component})
        set(sockets_FOUND FALSE)
        set(sockets_NOT_FOUND_MESSAGE "sockets has no components, and ${component} is asked for")
        return()
    endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/sockets-targets.cmake)
