# cmake -DSOURCE=<file> -P check.cmake -- <compiler> <argument>...
#
# The file's first line says what the compiler must complain about: `// expect: deleted`. Each line that ends with
# `// wrong` must have such an error, and no other line an error of any kind; without such lines, one anywhere will do.

set(command)
set(behind FALSE)
foreach(i RANGE 1 ${CMAKE_ARGC})
    if(behind)
        list(APPEND command ${CMAKE_ARGV${i}})
    elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
        set(behind TRUE)
    endif()
endforeach()

execute_process(COMMAND ${command} ${SOURCE} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(result EQUAL 0)
    message(FATAL_ERROR "${SOURCE} compiles")
endif()

file(READ ${SOURCE} text)
string(REGEX REPLACE "[][;]" " " text "${text}") # they mean something in CMake's lists
string(REPLACE "\n" ";" lines "${text}")
list(GET lines 0 complaint)
string(REPLACE "// expect: " "" complaint "${complaint}")

get_filename_component(name ${SOURCE} NAME)
set(number 0)
set(wrong 0)
set(faults)
foreach(line IN LISTS lines)
    math(EXPR number "${number} + 1")
    if(line MATCHES "// wrong$")
        math(EXPR wrong "${wrong} + 1")
        if(NOT said MATCHES "${name}:${number}:[0-9:]* error: [^\n]*${complaint}")
            list(APPEND faults "line ${number}: no error about \"${complaint}\"")
        endif()
    elseif(number GREATER 1 AND text MATCHES "// wrong\n" AND said MATCHES "${name}:${number}:[0-9:]* error: ")
        list(APPEND faults "line ${number}: an error where nothing is wrong")
    endif()
endforeach()
if(wrong EQUAL 0 AND NOT said MATCHES "error: [^\n]*${complaint}")
    list(APPEND faults "no error about \"${complaint}\"")
endif()
if(faults)
    list(JOIN faults "\n  " faults)
    message(FATAL_ERROR "${SOURCE}:\n  ${faults}\nThe compiler said:\n${said}")
endif()
