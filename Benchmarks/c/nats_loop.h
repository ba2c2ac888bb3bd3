// A connection of the NATS C client whose socket a thread of our own reads and writes. With SetSendAsap the messages of
// a moment leave in one write; without an event loop the client is either a millisecond late or one write a message.
#pragma once

#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct nats_loop {
  natsConnection *connection;
  int poller, socket;
  uint32_t events;
  pthread_mutex_t mutex;
};

static inline void nats_check(natsStatus status, const char *what) {
  if (status == NATS_OK) return;
  fprintf(stderr, "%s: %s (%s)\n", what, natsStatus_GetText(status), nats_GetLastError(NULL));
  exit(1);
}

static inline void *nats_loop_run(void *data) {
  struct nats_loop *loop = data;
  struct epoll_event event;
  for (;;) {
    if (epoll_wait(loop->poller, &event, 1, -1) <= 0) continue;
    if (event.events & ~(uint32_t)EPOLLOUT) natsConnection_ProcessReadEvent(loop->connection);
    if (event.events & EPOLLOUT) natsConnection_ProcessWriteEvent(loop->connection);
  }
  return NULL;
}

static inline natsStatus nats_loop_attach(void **data, void *unused, natsConnection *connection, natsSock socket) {
  (void)unused;
  struct nats_loop *loop = calloc(1, sizeof *loop);
  if (!loop) return NATS_NO_MEMORY;
  *loop = (struct nats_loop){connection, epoll_create1(0), socket, EPOLLIN, PTHREAD_MUTEX_INITIALIZER};
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(loop->poller, EPOLL_CTL_ADD, socket, &event);
  *data = loop;
  pthread_t thread;
  return pthread_create(&thread, NULL, nats_loop_run, loop) == 0 ? NATS_OK : NATS_SYS_ERROR;
}

static inline natsStatus nats_loop_watch(struct nats_loop *loop, uint32_t events, bool is_on) {
  pthread_mutex_lock(&loop->mutex);
  loop->events = is_on ? loop->events | events : loop->events & ~events;
  struct epoll_event event = {.events = loop->events};
  epoll_ctl(loop->poller, EPOLL_CTL_MOD, loop->socket, &event);
  pthread_mutex_unlock(&loop->mutex);
  return NATS_OK;
}

static inline natsStatus nats_loop_read(void *data, bool is_on) { return nats_loop_watch(data, EPOLLIN, is_on); }

static inline natsStatus nats_loop_write(void *data, bool is_on) { return nats_loop_watch(data, EPOLLOUT, is_on); }

static inline natsStatus nats_loop_detach(void *data) {
  struct nats_loop *loop = data;
  epoll_ctl(loop->poller, EPOLL_CTL_DEL, loop->socket, NULL);
  return NATS_OK;
}

// Connects with the flags the transport uses: event loop, send at once, the same buffers.
static inline natsConnection *nats_connect(const char *url) {
  natsOptions *options;
  natsConnection *connection;
  nats_check(natsOptions_Create(&options), "options");
  nats_check(natsOptions_SetURL(options, url), "url");
  nats_check(natsOptions_SetSendAsap(options, true), "send asap");
  nats_check(natsOptions_SetIOBufSize(options, 64 << 10), "buffer size");
  nats_check(
    natsOptions_SetEventLoop(
      options, (void *)1, nats_loop_attach, nats_loop_read, nats_loop_write, nats_loop_detach),
    "event loop");
  nats_check(natsConnection_Connect(&connection, options), "connect");
  natsOptions_Destroy(options);
  return connection;
}
