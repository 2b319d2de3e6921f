/*
 * A thread in each system call that a stop may end early, over and over; says on request how often one failed with
 * EINTR or did less than it was asked to, a line "name: rounds surprises" for each, and a line "end". Ends at "q", to
 * take its semaphores along.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const struct timespec SOON = {0, 3000000};
static const struct timeval SOON_TOO = {0, 4000};

struct caller {
  const char *name;
  /* Answers what a call of it that was not disturbed answers: 0, or -1 with errno. */
  long (*call)(void);
  int expected_errno;
  volatile long rounds, surprises;
};

static int epoll_fd, semaphores, timed_socket[2], waitall_socket[2], slow_pipe[2];
static unsigned long aio;
static char block[1 << 20];

static long call_epoll_wait(void) {
  struct epoll_event event;
  return epoll_wait(epoll_fd, &event, 1, 3);
}

static long call_epoll_pwait(void) {
  struct epoll_event event;
  sigset_t none;
  sigemptyset(&none);
  return epoll_pwait(epoll_fd, &event, 1, 2, &none);
}

static long call_semtimedop(void) {
  struct sembuf take = {0, -1, 0};
  return semtimedop(semaphores, &take, 1, &SOON);
}

static long call_sigtimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  return sigtimedwait(&set, NULL, &SOON);
}

static long call_io_getevents(void) {
  char events[64];
  return syscall(SYS_io_getevents, aio, 1L, 1L, events, &SOON);
}

static long call_recv_with_timeout(void) {
  char byte;
  return recv(timed_socket[0], &byte, 1, 0);
}

static long call_read_with_timeout(void) {
  char byte;
  return read(timed_socket[0], &byte, 1);
}

/* Half a block comes at once, the other half later: a call that is ended early answers with the first. */
static long call_recv_all(void) {
  char bytes[200];
  return recv(waitall_socket[0], bytes, sizeof bytes, MSG_WAITALL) - (long)sizeof bytes;
}

/* More than a pipe holds: a call that is ended early has written a part. */
static long call_write(void) {
  return write(slow_pipe[1], block, sizeof block) - (long)sizeof block;
}

static long call_nanosleep(void) {
  return nanosleep(&SOON, NULL);
}

/* No call at all: the result of an interrupted one is in its register, as any number may be. */
static long call_nothing(void) {
  long result = -EINTR;
#ifdef __x86_64__
  for (int i = 0; i < 100000 && result == -EINTR; i++) __asm__ volatile("" : "+a"(result));
#endif
  return result + EINTR;
}

static struct caller callers[] = {
    {"epoll_wait", call_epoll_wait, 0},
    {"epoll_pwait", call_epoll_pwait, 0},
    {"semtimedop", call_semtimedop, EAGAIN},
    {"sigtimedwait", call_sigtimedwait, EAGAIN},
    {"io_getevents", call_io_getevents, 0},
    {"recv with a timeout", call_recv_with_timeout, EAGAIN},
    {"read with a timeout", call_read_with_timeout, EAGAIN},
    {"recv of all", call_recv_all, 0},
    {"write of much", call_write, 0},
    {"nanosleep", call_nanosleep, 0},
    {"no call", call_nothing, 0},
};
enum { CALLERS = sizeof callers / sizeof callers[0] };

static void *run(void *argument) {
  struct caller *caller = argument;
  for (;;) {
    errno = 0;
    long answer = caller->call();
    int is_expected = caller->expected_errno == 0 ? answer == 0 : answer == -1 && errno == caller->expected_errno;
    if (!is_expected) caller->surprises++;
    caller->rounds++;
  }
  return NULL;
}

static void *feed(void *unused) {
  char half[100] = {0};
  for (;;) {
    if (write(waitall_socket[1], half, sizeof half) < 0) abort();
    nanosleep(&SOON, NULL);
  }
  return unused;
}

static void *drain(void *unused) {
  static char bytes[1 << 15];
  for (;;) {
    if (read(slow_pipe[0], bytes, sizeof bytes) < 0) abort();
    usleep(200);
  }
  return unused;
}

static void start(void *(*function)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, function, argument) != 0) abort();
}

int main(void) {
  epoll_fd = epoll_create1(0);
  semaphores = semget(IPC_PRIVATE, 1, 0600);
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, timed_socket) || socketpair(AF_UNIX, SOCK_STREAM, 0, waitall_socket)) abort();
  if (pipe(slow_pipe)) abort();
  setsockopt(timed_socket[0], SOL_SOCKET, SO_RCVTIMEO, &SOON_TOO, sizeof SOON_TOO);
  callers[4].expected_errno = syscall(SYS_io_setup, 1L, &aio) == 0 ? 0 : errno;
  for (int i = 0; i < CALLERS; i++) start(run, &callers[i]);
  start(feed, NULL);
  start(drain, NULL);
  puts("ready");
  fflush(stdout);
  for (int c; (c = getchar()) != EOF && c != 'q';) {
    if (c != '\n') continue;
    for (int i = 0; i < CALLERS; i++)
      printf("%s: %ld %ld\n", callers[i].name, callers[i].rounds, callers[i].surprises);
    puts("end");
    fflush(stdout);
  }
  semctl(semaphores, 0, IPC_RMID);
  return 0;
}
