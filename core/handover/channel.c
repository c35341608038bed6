#include "core/handover/channel.h"

void
fanout_channel_init (FanoutChannel *channel, guint n_receivers, FanoutReceiver **receivers,
                     void (*wake_sender) (FanoutChannel *channel))
{
  atomic_init (&channel->turn, 0);
  channel->batch = NULL;
  channel->n_receivers = n_receivers;
  channel->receivers = receivers;
  channel->wake_sender = wake_sender;
}

void
fanout_receiver_init (FanoutReceiver *receiver, FanoutChannel *channel,
                      void (*wake) (FanoutReceiver *receiver), gpointer owner)
{
  atomic_init (&receiver->taken, 0);
  receiver->seen = 0;
  receiver->channel = channel;
  receiver->wake = wake;
  receiver->owner = owner;
}

void
fanout_receiver_leave (FanoutReceiver *receiver)
{
  FanoutChannel *channel = receiver->channel;
  atomic_store_explicit (&receiver->taken, G_MAXUINT64, memory_order_release);
  if (channel->wake_sender != NULL)
    channel->wake_sender (channel);
}
