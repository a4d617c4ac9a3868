// Names that other headers take, <windows.h> among them, do no harm.
#include <chrono>
#include <istream>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <vector>
// NOLINTBEGIN(readability-identifier-naming)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
// NOLINTEND(readability-identifier-naming)

#include <sockets/all.hpp>

const std::error_category& category_in_two();

const std::error_category& category_in_two() {
    const std::error_code here = sockets::ResolveErrc::unknown_host;
    return here.category();
}
