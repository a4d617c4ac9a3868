// expect: mutex.* in namespace .*std.* does not name a type
#include <mutex>

std::mutex lock; // this MinGW has Windows' threads alone
