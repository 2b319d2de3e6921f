/*
 * A program that is not called python and loads libpythons as plug-ins, without their headers. Its arguments are
 * steps, done in order:
 *   load FILE     dlopen() with local symbols; it is the library of the steps that follow
 *   home DIR      the prefix of that library's installation
 *   init          Py_Initialize()
 *   run FILE      runs a Python program, or a text that is no file
 *   finalize      Py_Finalize()
 *   wait          announces itself and waits for a line
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        else if (strcmp(argv[at], "wait") == 0)
            announce_and_wait();
        else
            return 2;
    }
    return 0;
}
