# The example servers under the same faults: servers.py. Included by CMakeLists.txt.

# operator new that fails, and what a server has called; beside the stand-ins.
add_library(torture_servers MODULE servers_memory.cpp)
target_compile_features(torture_servers PRIVATE cxx_std_17)
target_link_libraries(torture_servers PRIVATE sockets_checks)

find_package(Python3 QUIET COMPONENTS Interpreter)
if(SOCKETS_BUILD_EXAMPLES AND Python3_FOUND)
    add_test(NAME torture_servers COMMAND Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/servers.py
        $<TARGET_FILE_DIR:show_demo> $<TARGET_FILE:torture_interpose> --short)
    set_tests_properties(torture_servers PROPERTIES LABELS torture TIMEOUT 180 PROCESSORS 2
        ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endif()
