#include <sockets/all.hpp>

const std::error_category& category_in_two();

const std::error_category& category_in_two() {
    const std::error_code here = sockets::ResolveErrc::unknown_host;
    return here.category();
}
