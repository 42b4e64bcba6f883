#!/usr/bin/env bash
# RabbitMQ under the variables of the public image: RABBITMQ_DEFAULT_USER and RABBITMQ_DEFAULT_PASS. LISTEN names the address.
set -euo pipefail
mkdir -p /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
{
  echo "default_user = $RABBITMQ_DEFAULT_USER"
  echo "default_pass = $RABBITMQ_DEFAULT_PASS"
  [ -z "${LISTEN:-}" ] || echo "listeners.tcp.1 = $LISTEN:5672"
} >/etc/rabbitmq/rabbitmq.conf
if [ -n "${LISTEN:-}" ]; then
  # Beside other brokers on one machine: the port mapper and the port for the command line keep to this address too.
  cat >/etc/rabbitmq/rabbitmq-env.conf <<CONF
NODENAME=rabbit@rabbitmq
SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {${LISTEN//./,}}"
CONF
  export ERL_EPMD_ADDRESS=$LISTEN
fi
chown -R rabbitmq /etc/rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
exec rabbitmq-server
