// Fills a lab: `fill associations CLUSTER ACCOUNTS` makes that many accounts under root, each with 19 users, one of whom is
// alice; `fill jobs COUNT ACCOUNTS UID` has that user submit jobs for the whole cluster to them in turn. SLURM_CONF tells which lab.
#include <errno.h>
#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { users_each = 19 };

static void fail(const char *what) {
  fprintf(stderr, "fill: %s: %s\n", what, slurm_strerror(errno));
  exit(1);
}

static char *name(const char *stem, int number) {
  char *text = malloc(32);
  snprintf(text, 32, "%s%d", stem, number);
  return text;
}

// slurmdbd renumbers its tree whenever the parent changes, so all rows of one account follow one another.
static void fill_associations(char *cluster, int accounts) {
  List names = slurm_list_create(NULL), people = slurm_list_create(NULL), rows = slurm_list_create(NULL);
  for (int number = 1; number <= accounts; number++) {
    slurmdb_account_rec_t *account = calloc(1, sizeof *account);
    account->name = name("bench", number);
    account->description = account->organization = "bench";
    slurm_list_append(names, account);
    for (int index = 0; index <= users_each; index++) {
      slurmdb_assoc_rec_t *row = malloc(sizeof *row);
      slurmdb_init_assoc_rec(row, false);
      row->cluster = cluster;
      row->acct = account->name;
      if (index == 0) {
        row->parent_acct = "root";
        row->grp_tres = "1=128";
      } else {
        row->user = index == 1 ? "alice" : name("person", number * users_each + index);
      }
      slurm_list_append(rows, row);
      if (index == 0 || (index == 1 && number > 1)) continue;
      slurmdb_user_rec_t *person = calloc(1, sizeof *person);
      person->name = row->user;
      person->default_acct = account->name;
      person->admin_level = SLURMDB_ADMIN_NONE;
      slurm_list_append(people, person);
    }
  }
  uint16_t flags = 0;
  void *connection = slurmdb_connection_get(&flags);
  if (!connection) fail("connect to slurmdbd");
  if (slurmdb_accounts_add(connection, names) != SLURM_SUCCESS) fail("add accounts");
  if (slurmdb_users_add(connection, people) != SLURM_SUCCESS) fail("add users");
  if (slurmdb_associations_add(connection, rows) != SLURM_SUCCESS) fail("add associations");
  if (slurmdb_connection_commit(connection, true) != SLURM_SUCCESS) fail("commit");
  slurmdb_connection_close(&connection);
}

static void fill_jobs(int count, int accounts, uint32_t uid) {
  char *environment[] = {"PATH=/usr/bin:/bin"};
  for (int number = 0; number < count; number++) {
    job_desc_msg_t job;
    submit_response_msg_t *answer = NULL;
    slurm_init_job_desc_msg(&job);
    job.name = "bench";
    job.account = name("bench", number % accounts + 1);
    job.user_id = uid;
    job.group_id = uid;
    job.min_nodes = job.max_nodes = 4;
    job.num_tasks = 4;
    job.cpus_per_task = 32;
    job.time_limit = 60;
    job.work_dir = "/tmp";
    job.std_out = job.std_err = "/dev/null";
    job.environment = environment;
    job.env_size = 1;
    job.script = "#!/bin/sh\nsleep 3000\n";
    if (slurm_submit_batch_job(&job, &answer) != SLURM_SUCCESS) fail("submit a job");
    slurm_free_submit_response_response_msg(answer);
    free(job.account);
  }
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "associations")) {
    slurm_init(NULL);
    fill_associations(words[2], atoi(words[3]));
  } else if (count == 5 && !strcmp(words[1], "jobs")) {
    slurm_init(NULL);
    fill_jobs(atoi(words[2]), atoi(words[3]), (uint32_t)atoi(words[4]));
  } else {
    fprintf(stderr, "fill associations CLUSTER ACCOUNTS | fill jobs COUNT ACCOUNTS UID\n");
    return 2;
  }
  return 0;
}
