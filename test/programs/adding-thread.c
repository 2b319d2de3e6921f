/* A thread without the GIL that wakes again and again from an epoll_wait(2) and adds pending calls, which check their order. */

#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>

enum { CALLS_AT_ONCE = 3 };

typedef int call_function(void *);
typedef int add_function(call_function *, void *);

static add_function *add;
static int64_t added, made, disordered;
static volatile int is_over;

static int make(void *number)
{
    if ((int64_t)number != made) disordered++;
    made++;
    return 0;
}

static void *run(void *unused)
{
    int epoll = epoll_create1(0);
    struct epoll_event event;
    while (!is_over) {
        epoll_wait(epoll, &event, 1, 1);
        for (int call = 0; call < CALLS_AT_ONCE; call++)
            if (add(make, (void *)added) == 0) added++;
    }
    return unused;
}

static pthread_t thread;

void start_adding(add_function *by)
{
    add = by;
    pthread_create(&thread, NULL, run, NULL);
}

/* To be called without the GIL. */
void stop_adding(void)
{
    is_over = 1;
    pthread_join(thread, NULL);
}

int64_t added_calls(void) { return added; }
int64_t made_calls(void) { return made; }
int64_t disordered_calls(void) { return disordered; }
