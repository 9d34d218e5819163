/**
 * What udhcpc and dhclient call when something happened: gives the interface its address, and says the event on stdout. udhcpc names events in its
 * first argument, dhclient in $reason; the variables differ likewise. Renewals are unicast, so that behind a relay the way out is needed.
 */
export const clientScript = `#!/bin/sh
address=\${ip:-$new_ip_address}
mask=\${mask:-$new_subnet_mask}
router=\${router:-$new_routers}
case "\${reason:-$1}" in
  bound|BOUND|REBOOT) event=bound ;;
  renew|RENEW|REBIND) event=renewed ;;
  deconfig|EXPIRE|RELEASE) event=unbound ;;
  nak) event=refused ;;
  *) event=other ;;
esac
case $event in
  bound|unbound) ip address flush dev "$interface" ;;
esac
case $event in
  bound|renewed)
    ip address replace "$address/$mask" dev "$interface"
    [ -z "$router" ] || ip route replace default via "\${router%% *}" dev "$interface"
    ;;
esac
echo "$event $address"
`;
