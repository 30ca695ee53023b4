#pragma once
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

// MPI's handles are macros that cast addresses, which Swift does not import. One function returns each.
static inline MPI_Comm zhinao_mpi_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype zhinao_mpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype zhinao_mpi_int64(void) { return MPI_INT64_T; }
static inline MPI_Op zhinao_mpi_max(void) { return MPI_MAX; }
static inline MPI_Errhandler zhinao_mpi_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline int zhinao_mpi_thread_funneled(void) { return MPI_THREAD_FUNNELED; }
static inline int zhinao_mpi_nobody(void) { return MPI_PROC_NULL; }
