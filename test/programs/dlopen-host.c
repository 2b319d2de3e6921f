/*
 * A program that is not called python and loads libpythons as plug-ins, without their headers. Its arguments are
 * steps, done in order:
 *   load FILE     dlopen() with local symbols; it is the library of the steps that follow
 *   home DIR      the prefix of that library's installation
 *   init          Py_Initialize()
 *   run FILE      runs a Python program, or a text that is no file
 *   finalize      Py_Finalize()
 *   call NAME     calls a function without arguments of that library
 *   hide TEXT     copies every file mapping whose path has the text into anonymous memory at the same place
 *   reserve GIB   maps so much anonymous memory that is never touched
 *   wait          announces itself and waits for a line
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *library;

static void *function(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static void load(const char *path)
{
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
}

static void run(const char *path)
{
    int (*run_string)(const char *) = (int (*)(const char *))function("PyRun_SimpleString");
    char code[4096];
    snprintf(code, sizeof code,
             access(path, R_OK) == 0 ? "import os, sys\n"
                                       "path = '%s'\n"
                                       "sys.argv = [path]\n"
                                       "sys.path.insert(0, os.path.dirname(path))\n"
                                       "exec(compile(open(path).read(), path, 'exec'))\n"
                                     : "%s\n",
             path);
    run_string(code);
}

/* As programs do that move themselves into large pages, and those that unpack themselves. */
static void hide(const char *text)
{
    static struct { char *start; size_t size; int prot; } found[64];
    int count = 0;
    char line[4352];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) != NULL && count < 64) {
        unsigned long start, end;
        char prot[5];
        if (strstr(line, text) == NULL || sscanf(line, "%lx-%lx %4s", &start, &end, prot) != 3)
            continue;
        found[count].start = (char *)start;
        found[count].size = end - start;
        found[count++].prot = (prot[0] == 'r' ? PROT_READ : 0) | (prot[1] == 'w' ? PROT_WRITE : 0) |
                              (prot[2] == 'x' ? PROT_EXEC : 0);
    }
    fclose(maps);
    for (int at = 0; at < count; at++) {
        char *copy = malloc(found[at].size);
        if ((found[at].prot & PROT_READ) == 0)
            continue;
        memcpy(copy, found[at].start, found[at].size);
        mmap(found[at].start, found[at].size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        memcpy(found[at].start, copy, found[at].size);
        mprotect(found[at].start, found[at].size, found[at].prot);
        free(copy);
    }
}

static void announce_and_wait(void)
{
    char line[256];
    printf("{\"pid\":%d,\"version\":\"\",\"hexVersion\":0,\"threads\":[],\"facts\":{}}\n", getpid());
    fflush(stdout);
    if (read(0, line, sizeof line) <= 0)
        exit(0);
}

int main(int argc, char **argv)
{
    for (int at = 1; at < argc; at++) {
        if (strcmp(argv[at], "load") == 0)
            load(argv[++at]);
        else if (strcmp(argv[at], "home") == 0)
            setenv("PYTHONHOME", argv[++at], 1);
        else if (strcmp(argv[at], "init") == 0)
            ((void (*)(void))function("Py_Initialize"))();
        else if (strcmp(argv[at], "run") == 0)
            run(argv[++at]);
        else if (strcmp(argv[at], "finalize") == 0)
            ((void (*)(void))function("Py_Finalize"))();
        else if (strcmp(argv[at], "call") == 0)
            ((int (*)(void))function(argv[++at]))();
        else if (strcmp(argv[at], "reserve") == 0)
            mmap(NULL, (size_t)atoi(argv[++at]) << 30, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        else if (strcmp(argv[at], "hide") == 0)
            hide(argv[++at]);
        else if (strcmp(argv[at], "wait") == 0)
            announce_and_wait();
        else
            return 2;
    }
    return 0;
}
