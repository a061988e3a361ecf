// What Linux has and the Glibc module doesn't import. That module is built without _GNU_SOURCE, and the types of
// both must agree: so without it here too.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

// The kernel's struct ucred, which sys/socket.h hides without _GNU_SOURCE.
struct linux_peer {
  int32_t pid;
  uint32_t uid;
  uint32_t gid;
};

// Who connected to a Unix socket, as the kernel saw it then. 0, or -1 with errno.
static inline int linux_peer_of(int socket, struct linux_peer *peer) {
  socklen_t length = sizeof *peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, peer, &length);
}

// accept4(2), which sys/socket.h hides too. The new socket doesn't block, and isn't inherited.
static inline int linux_accept(int socket) {
  return (int)syscall(SYS_accept4, socket, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

// A Unix socket's address. 0, or -1 when the path doesn't fit.
static inline int linux_unix_address(const char *path, struct sockaddr_un *address) {
  size_t length = __builtin_strlen(path);
  if (length == 0 || length >= sizeof address->sun_path) return -1;
  __builtin_memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  __builtin_memcpy(address->sun_path, path, length);
  return 0;
}

static inline int linux_bind_unix(int socket, const struct sockaddr_un *address) {
  return bind(socket, (const struct sockaddr *)address, sizeof *address);
}

static inline int linux_connect_unix(int socket, const struct sockaddr_un *address) {
  return connect(socket, (const struct sockaddr *)address, sizeof *address);
}

static inline int linux_is_socket(const struct stat *status) { return S_ISSOCK(status->st_mode); }

// What spawn.h hides without _GNU_SOURCE (glibc 2.34).
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// For posix_spawn(3). Swift takes a global variable that anyone may write for a race.
static inline char **linux_environment(void) { return __environ; }
// Sends one datagram to a Unix socket's path or, where that begins with '@', to an abstract name. The count of
// bytes, or -1 with errno.
static inline ssize_t linux_send_to(int socket, const char *path, const void *bytes, size_t count) {
  struct sockaddr_un address;
  if (linux_unix_address(path, &address) != 0) {
    errno = ENAMETOOLONG;
    return -1;
  }
  socklen_t length = offsetof(struct sockaddr_un, sun_path) + __builtin_strlen(path);
  if (path[0] == '@') address.sun_path[0] = 0;
  return sendto(socket, bytes, count, MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
}
