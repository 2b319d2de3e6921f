/* An extension module that calls what it is given from within static and inlined functions. For every CPython from 3.6 on. */
#define Py_LIMITED_API 0x03060000
#include <Python.h>

static inline PyObject *call_inlined(PyObject *callable, int *count) {
  PyObject *result = PyObject_CallFunctionObjArgs(callable, NULL);
  *count += 1;
  return result;
}

static inline PyObject *call_twice_inlined(PyObject *callable, int *count) {
  PyObject *result = call_inlined(callable, count);
  *count *= 2;
  return result;
}

static __attribute__((noinline)) PyObject *call_static(PyObject *callable, volatile int *total) {
  char room[256];
  int count = 0;
  memset(room, *total, sizeof room);
  PyObject *result = call_twice_inlined(callable, &count);
  *total += count + room[*total & 255];
  return result;
}

static PyObject *call(PyObject *module, PyObject *callable) {
  volatile int total = 1;
  PyObject *result = call_static(callable, &total);
  (void)module;
  total += 1;
  return result;
}

static PyMethodDef methods[] = {{"call", call, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "c_extension", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_c_extension(void) { return PyModule_Create(&definition); }
