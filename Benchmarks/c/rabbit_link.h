// A connection to RabbitMQ with librabbitmq, with one channel. What fails ends the program.
#pragma once

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL 1
#define REPLY_TO "amq.rabbitmq.reply-to"
// What nest-peer declares with its defaults.
#define EVENTS_EXCHANGE "nest.events"
#define EVENTS_QUEUE "nest.nest-peer.events"
#define REQUESTS_QUEUE "nest.nest-peer"

static inline void rabbit_fail(const char *what) {
  fprintf(stderr, "%s failed\n", what);
  exit(1);
}

static inline void rabbit_check(int status, const char *what) {
  if (status == AMQP_STATUS_OK) return;
  fprintf(stderr, "%s: %s\n", what, amqp_error_string2(status));
  exit(1);
}

static inline void rabbit_check_reply(amqp_connection_state_t link, const char *what) {
  if (amqp_get_rpc_reply(link).reply_type != AMQP_RESPONSE_NORMAL) rabbit_fail(what);
}

static inline amqp_connection_state_t rabbit_connect(int port) {
  amqp_connection_state_t link = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(link);
  if (!socket) rabbit_fail("socket");
  rabbit_check(amqp_socket_open(socket, "127.0.0.1", port), "connect");
  amqp_rpc_reply_t reply = amqp_login(link, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest");
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) rabbit_fail("login");
  amqp_channel_open(link, CHANNEL);
  rabbit_check_reply(link, "channel");
  return link;
}

static inline void rabbit_consume(amqp_connection_state_t link, const char *queue, bool acknowledges) {
  amqp_bytes_t name = amqp_cstring_bytes(queue);
  amqp_basic_consume(link, CHANNEL, name, amqp_empty_bytes, 0, !acknowledges, 0, amqp_empty_table);
  rabbit_check_reply(link, queue);
}

// Messages that wait in a queue.
static inline long rabbit_depth(amqp_connection_state_t link, const char *queue) {
  amqp_queue_declare_ok_t *state =
    amqp_queue_declare(link, CHANNEL, amqp_cstring_bytes(queue), 1, 0, 0, 0, amqp_empty_table);
  if (!state) rabbit_fail(queue);
  return state->message_count;
}

// Something was read already that nobody has looked at.
static inline bool rabbit_has_more(amqp_connection_state_t link) {
  return amqp_frames_enqueued(link) || amqp_data_in_buffer(link);
}
