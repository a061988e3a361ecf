// Asks slurmctld over and over, and prints the monotonic clock's seconds when it first shows what is awaited: `await limit ACCOUNT
// GRPTRES` (such as 1=8) or `await running JOB`. Says "ready" before it begins; gives up after a minute.
#include <errno.h>
#include <slurm/slurm.h>
#include <slurm/slurmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static int has_limit(char *account, const char *limit) {
  assoc_mgr_info_request_msg_t request = {.flags = ASSOC_MGR_INFO_FLAG_ASSOC};
  assoc_mgr_info_msg_t *answer = NULL;
  slurmdb_assoc_rec_t *row;
  int found = 0;
  request.acct_list = slurm_list_create(NULL);
  slurm_list_append(request.acct_list, account);
  if (slurm_load_assoc_mgr_info(&request, &answer) == SLURM_SUCCESS) {
    ListIterator rows = answer->assoc_list ? slurm_list_iterator_create(answer->assoc_list) : NULL;
    while (rows && (row = slurm_list_next(rows))) found |= !row->user && row->grp_tres && !strcmp(row->grp_tres, limit);
    if (rows) slurm_list_iterator_destroy(rows);
    slurm_free_assoc_mgr_info_msg(answer);
  }
  slurm_list_destroy(request.acct_list);
  return found;
}

static int is_running(uint32_t job) {
  job_info_msg_t *answer = NULL;
  if (slurm_load_job(&answer, job, 0) != SLURM_SUCCESS) return 0;
  int found = (answer->job_array[0].job_state & JOB_STATE_BASE) == JOB_RUNNING;
  slurm_free_job_info_msg(answer);
  return found;
}

int main(int count, char **words) {
  if (count < 3) return 2;
  slurm_init(NULL);
  puts("ready");
  fflush(stdout);
  for (double end = now() + 60; now() < end; usleep(2000)) {
    if (strcmp(words[1], "limit") ? is_running((uint32_t)atoi(words[2])) : has_limit(words[2], words[3])) {
      printf("%.6f\n", now());
      return 0;
    }
  }
  fprintf(stderr, "await: not within a minute\n");
  return 1;
}
