// Two translation units that include everything must link, and share the one thing that the library keeps.
#include <sockets/all.hpp>

const std::error_category& category_in_two();

int main() {
    const std::error_code here = sockets::ResolveErrc::unknown_host;
    return here.category() == category_in_two() ? 0 : 1;
}
