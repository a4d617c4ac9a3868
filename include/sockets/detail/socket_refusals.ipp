/// @file
/// @brief What cannot be meant does not compile: a number or nullptr as bytes, a pointer to an object that is no
/// mere bytes (`send_all(&text, size)`), a time limit without a unit (`recv(10, 5)`). Part of the class Socket.

template <class T, class = detail::NoBytes<T>>
std::size_t send(T) = delete;
template <class T, class = detail::NoBytes<T>>
void send_all(T) = delete;
template <class T, class = detail::NoBytes<T>>
std::size_t send_to(T, const Address&) = delete;
template <class T, class = detail::NoBytes<T>>
std::optional<std::size_t> try_send(T) = delete;
template <class T, class = detail::NoBytes<T>>
std::optional<std::size_t> try_send_to(T, const Address&) = delete;
template <class T, class = detail::NoBuffer<T>>
std::size_t send(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
void send_all(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
std::size_t send_to(T*, std::size_t, const Address&) = delete;
template <class T, class = detail::NoBuffer<T>>
std::optional<std::size_t> try_send(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
std::optional<std::size_t> try_send_to(T*, std::size_t, const Address&) = delete;
template <class T, class = detail::NoBuffer<T>>
std::size_t recv(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
void recv_exactly(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
std::size_t recv_from(T*, std::size_t, Address&) = delete;
template <class T, class = detail::NoBuffer<T>>
std::optional<std::size_t> try_recv(T*, std::size_t) = delete;
template <class T, class = detail::NoBuffer<T>>
std::optional<std::size_t> try_recv_from(T*, std::size_t, Address&) = delete;
template <class T, class U, class = detail::TwoNumbers<T, U>>
std::optional<std::string> recv(T, U) = delete;
