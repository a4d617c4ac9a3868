// The pairs of calls whose instructions are counted, each so many times over connections of this program with
// itself. library.cpp has them with the library, by_hand.cpp as careful C++ writes them without it.

#pragma once

constexpr int message_size = 64;

void send_recv(int rounds);
void send_all_recv_exactly(int rounds);
void send_to_recv_from(int rounds);
void connect_accept_close(int rounds);
