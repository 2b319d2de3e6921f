/*
 * A service that embeds CPython, as a web or a database server does: its main program is C, is not called
 * python, and calls Python three C functions deep. The program to run is $PYFLIGHT_EMBEDDED.
 */
#include <Python.h>

static int serve(const char *code)
{
    int status = PyRun_SimpleString(code);
    return status == 0 ? 0 : 1;
}

__attribute__((noinline)) int embed_handle_request(const char *code)
{
    int status = serve(code);
    Py_Finalize();
    return status;
}

int main(void)
{
    Py_Initialize();
    return embed_handle_request(
        "import os, sys\n"
        "path = os.environ['PYFLIGHT_EMBEDDED']\n"
        "sys.argv = [path]\n"
        "sys.path.insert(0, os.path.dirname(path))\n"
        "exec(compile(open(path).read(), path, 'exec'))\n");
}
