/* The physical limit: a WebSocket room that is nothing but a loop of send(2).

   Prints "port N"; reads "publish COUNT RATE SIZE" lines and answers each with "done SECONDS".
   The bytes of a message are those that every peer of the bench sends: see room_peers.py. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 20000 };
static int room[MOST], people, epoll_fd, door;
static long number;
static const char HELLO[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"; /* to the one key we know */

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_until(long long due) {
    struct timespec t = {due / 1000000000LL, due % 1000000000LL};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}

static void write_all(int fd, const char *bytes, int size) {
    while (size) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return;
        if (sent < 0) {
            struct pollfd slow = {fd, POLLOUT, 0};
            poll(&slow, 1, 1000);
            continue;
        }
        bytes += sent;
        size -= sent;
    }
}

static void publish(long count, double rate, int size) {
    char frame[65536];
    long long began = now_ns();
    for (long i = 0; i < count; i++) {
        long long due = rate > 0 ? began + (long long)(i * 1e9 / rate) : 0;
        if (due && now_ns() < due) sleep_until(due);
        char *body = frame + 4;
        int head = snprintf(body, 200, "{\"n\":%ld,\"at\":%lld,\"t\":\"chat\",\"text\":\"",
                            ++number, due ? due : now_ns());
        memset(body + head, 'x', size - head - 2);
        memcpy(body + size - 2, "\"}", 2);
        frame[0] = (char)0x81;
        frame[1] = 126;
        frame[2] = size >> 8;
        frame[3] = size;
        for (int j = 0; j < people; j++) write_all(room[j], frame, size + 4);
    }
    printf("done %f\n", (now_ns() - began) / 1e9);
}

int main(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t length = sizeof at;
    int one = 1;
    door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(door, (struct sockaddr *)&at, sizeof at) || listen(door, 4096)) return 1;
    getsockname(door, (struct sockaddr *)&at, &length);
    printf("port %d\n", ntohs(at.sin_port));
    epoll_fd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = 0}, ready[256];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &e);
    e.data.fd = door;
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int n = epoll_wait(epoll_fd, ready, 256, -1);
        for (int i = 0; i < n; i++) {
            int fd = ready[i].data.fd, came;
            char bytes[4096];
            if (fd == 0) {
                long count;
                double rate;
                int size;
                ssize_t got = read(0, bytes, sizeof bytes - 1);
                if (got <= 0) return 0;
                bytes[got] = 0;
                if (sscanf(bytes, "publish %ld %lf %d", &count, &rate, &size) == 3)
                    publish(count, rate, size);
            } else if (fd == door) {
                while (people < MOST && (came = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    setsockopt(came, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    e.data.fd = came;
                    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, came, &e);
                }
            } else if (recv(fd, bytes, sizeof bytes, 0) <= 0) {
                close(fd);
            } else if (memmem(bytes, 4096, "Sec-WebSocket-Key", 17)) {
                room[people++] = fd;
                write_all(fd, HELLO, sizeof HELLO - 1);
            }
        }
    }
}
