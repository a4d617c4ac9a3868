// What the methods of Socket are made of: the table of its own steps. Part of the class Socket.

// Sizes and addresses as the system takes them.
std::size_t send_size(std::size_t size, const char* primitive) const;
std::size_t huge_send_size(const char* primitive) const;
std::size_t recv_size(std::size_t size, const char* primitive) const;
std::size_t unusual_recv_size(std::size_t size, const char* primitive) const;
static void require_address(const char* primitive, const Address& address);
int set_number(int level, int name, int value) const noexcept;
bool is_ipv4_in_ipv6(const Address& address) const noexcept;

// What the methods are made of.
int open(int domain, Type type, int protocol) noexcept;
int take_ipv6_alone() noexcept;
int bind_to(const Address& local) const noexcept;
bool accept_once(Socket& client, Address& address, bool waits) const noexcept;
bool accept_next(Socket& client, Address& address, bool waits) const noexcept;
void accept_again(Socket& client, Address& address) const;
std::size_t send_to_unmapped(const void* bytes, std::size_t size, const Address& peer);
std::ptrdiff_t recv_from_once(void* buffer, std::size_t size, int flags,
                              detail::Sockaddr& from) const noexcept;
std::size_t recv_line_part(void* buffer, std::size_t size, const detail::Deadline& limit,
                           std::string_view so_far);
void recv_until_done(void* buffer, Step& step) const;
std::ptrdiff_t recv_next(void* buffer, const Step& step) const noexcept;

// CONNECT.
int connect_within(const Address& peer, const detail::Deadline& limit, bool may_wait) noexcept;
int connect_or_close(const Address& peer, const detail::Deadline& limit, bool may_wait) noexcept;
int begin_connect(const Address& peer) noexcept;
int begin_connect_unmapped(const Address& peer) noexcept;
int begin_without_waiting(const Address& peer) noexcept;
int prepare_connect(const Address& peer) noexcept;
int connect_further(const Address& peer, const detail::Deadline& limit, bool may_wait, int error) noexcept;
int finish_connect(const detail::Deadline& limit) noexcept;
void end_connect(const Address& peer, int error) noexcept;
void close_unless_standing(const Address& peer, int error) noexcept;
static bool is_queue_full(const Address& peer, int error) noexcept;
bool is_connected_to(const Address& peer) const noexcept;
bool is_connected_to_itself(const Address& peer) const noexcept;
int pending_error() const noexcept;

// After a call that has not done it all at once.
std::size_t send_again(const void* bytes, std::size_t size);
std::size_t recv_again(void* buffer, std::size_t size, std::ptrdiff_t count);
std::size_t send_to_again(const void* bytes, std::size_t size, const Address& peer);
std::size_t recv_from_again(void* buffer, std::size_t size, Address& sender, std::ptrdiff_t count,
                            socklen_t before);
void send_rest(const void* bytes, std::size_t size, const detail::Deadline& limit, std::ptrdiff_t count);
void recv_rest(void* buffer, std::size_t size, const detail::Deadline& limit, std::ptrdiff_t count);
template <class Call>
std::size_t repeat(Step step, Call call) const;
template <class Call>
void repeat_until_done(Step& step, const detail::Deadline& limit, std::ptrdiff_t count, Call call) const;
template <class Call>
std::optional<std::size_t> call_once(const Step& step, Call call) const;
template <class Call>
std::optional<std::size_t> call_within(Step step, const detail::Deadline& limit, Call call) const;
void recover(Step& step, const detail::Deadline& limit, bool may_wait) const;
bool wait(Step& step, const detail::Deadline& limit) const;
int wait_until(const Step& step, const detail::Deadline& limit) const noexcept;
std::size_t fitting(const Step& step, std::size_t count, std::size_t size) const;

// Errors.
detail::Deadline deadline(detail::Event event) const noexcept;
bool ask_address(bool peer, Address& address) const noexcept;
std::string place(const Step& step) const;
[[noreturn]] void fail(const Step& step, int error, const std::string& hint = "") const;
[[noreturn]] void fail_open(int error) const;
[[noreturn]] void fail_connect(int error, const Address& peer, const detail::Deadline& limit) const;
[[noreturn]] void fail_not_stream() const;
[[noreturn]] static void fail_closed(const char* primitive);
[[noreturn]] static void fail_empty(const char* primitive);
[[noreturn]] void fail_at_end(const Step& step) const;
[[noreturn]] void fail_late(const Step& step, const detail::Deadline& limit) const;
[[noreturn]] void give_up(const Step& step, const detail::Deadline& limit) const;
