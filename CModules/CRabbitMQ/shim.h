#ifndef NEST_CRABBITMQ_SHIM_H
#define NEST_CRABBITMQ_SHIM_H

#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#elif __has_include(<amqp.h>)
#include <amqp.h>
#include <amqp_framing.h>
#else
#error "the RabbitMQ C client is missing: apt-get install librabbitmq-dev (macOS: brew install rabbitmq-c)"
#endif

#endif
