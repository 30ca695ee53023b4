#pragma once
#include <cblas.h>
#include <stddef.h>

// LAPACK's singular value decomposition, which OpenBLAS holds and has no header for. Matrices stand column after column;
// the last argument is the length of `jobz`, as Fortran compilers pass it.
void dgesdd_(const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u,
             const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork, int *info,
             size_t jobz_length);
