# shellcheck shell=bash disable=SC2034
# Samba's smbd as the computers that are pushed to, MIT's KDC as the domain, smbclient as the site server and as its
# users. Sourced after lab.sh.
#
# All accounts have one invented password; Samba maps them to one local account, so that what they may do does not
# matter to the capture.

PASSWORD=an-Invented-Secret-3
REALM=EXAMPLE.TEST
ACCOUNTS=(svc-push svc-push2 svc-push3 CM01$ MP01$ WS101$ ann)

# smbd on a host, with more lines for its smb.conf: smbd_on HOST [LINE...]. Shares: ADMIN$, IPC$, SCCMContentLib$ (only
# where SITE_SYSTEM is set), Public, SoftwareLibrary.
smbd_on() {
  local name=$1 dir=$SCRATCH/smbd-$1 account; shift
  rm -rf "$dir"
  mkdir -p "$dir/root/Temp" "$dir/public" "$dir/lib/DataLib" "$dir/library"
  head -c 2048 /dev/zero > "$dir/lib/DataLib/EX100012.INI"; head -c 2048 /dev/zero > "$dir/public/readme.txt"
  head -c 2048 /dev/zero > "$dir/library/ccmsetup.exe"
  chmod -R 777 "$dir/root" "$dir/public" "$dir/lib" "$dir/library"
  { printf 'root ='; for account in "${ACCOUNTS[@]}"; do printf ' %s EXAMPLE\\%s OTHER\\%s %s\\%s %s@%s' "$account" "$account" "$account" $REALM "$account" "$account" $REALM; done
    echo; } > "$dir/users"
  { cat <<CONF
[global]
workgroup = EXAMPLE
netbios name = ${name^^}
realm = $REALM
security = user
interfaces = eth0
bind interfaces only = yes
private dir = $dir
lock directory = $dir
state directory = $dir
cache directory = $dir
pid directory = $dir
ncalrpc dir = $dir/ncalrpc
log file = $dir/log
username map = $dir/users
kerberos method = dedicated keytab
dedicated keytab file = $dir/keytab
smb ports = 445
disable netbios = yes
load printers = no
disable spoolss = yes
server signing = mandatory
CONF
    printf '%s\n' "$@"
    cat <<CONF
[ADMIN\$]
path = $dir/root
read only = no
force user = root
[Public]
path = $dir/public
guest ok = yes
[SoftwareLibrary]
path = $dir/library
guest ok = yes
CONF
    [ -z "${SITE_SYSTEM:-}" ] || printf '[SCCMContentLib$]\npath = %s\nguest ok = yes\n' "$dir/lib"
  } > "$dir/smb.conf"
  printf '%s\n%s\n' "$PASSWORD" "$PASSWORD" | on "$name" smbpasswd -c "$dir/smb.conf" -s -a root > /dev/null 2>&1
  if [ -e "$SCRATCH/kdc/stash" ]; then keytab "$name" "$dir/keytab"; fi
  KRB5_CONFIG=$SCRATCH/krb5.conf start "$name" smbd -F --no-process-group -s "$dir/smb.conf"
  listening "$name" 445
}

# The KDC of the realm on a host: kdc_on HOST. It knows the accounts, and the file service of every host given in
# SERVICES, as HOST or HOST:ENCTYPE.
kdc_on() {
  local name=$1 dir=$SCRATCH/kdc account service etype
  rm -rf "$dir"; mkdir -p "$dir"
  cat > "$SCRATCH/krb5.conf" <<CONF
[libdefaults]
default_realm = $REALM
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
allow_weak_crypto = true
allow_rc4 = true
udp_preference_limit = 1
permitted_enctypes = aes256-cts rc4-hmac
[realms]
$REALM = {
  kdc = 192.0.2.2
}
[domain_realm]
.$DOMAIN = $REALM
CONF
  cat > "$dir/kdc.conf" <<CONF
[realms]
$REALM = {
  database_name = $dir/principal
  key_stash_file = $dir/stash
  acl_file = $dir/acl
  disable_pac = true
  supported_enctypes = aes256-cts:normal
}
CONF
  export KRB5_CONFIG=$SCRATCH/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf
  kdb5_util create -s -r $REALM -P an-Invented-Secret-4 > /dev/null 2>&1
  for account in "${ACCOUNTS[@]}"; do
    kadmin.local -q "addprinc -pw $PASSWORD +requires_preauth $account" > /dev/null 2>&1
  done
  for service in ${SERVICES:-}; do
    etype=aes256-cts
    case $service in *:*) etype=${service#*:} ;; esac
    kadmin.local -q "addprinc -randkey -e $etype:normal cifs/${service%:*}.$DOMAIN" > /dev/null 2>&1
  done
  start "$name" krb5kdc -n -P "$dir/pid"
  listening "$name" 88
}

keytab() {
  kadmin.local -q "ktadd -norandkey -k $2 cifs/$1.$DOMAIN" > /dev/null 2>&1 || true
}

client_conf() {
  printf '[global]\nworkgroup = EXAMPLE\nnetbios name = %s\nrealm = %s\nclient min protocol = NT1\n' "${1^^}" $REALM
  printf 'private dir = %s\nlock directory = %s\nstate directory = %s\ncache directory = %s\n' "$SCRATCH" "$SCRATCH" "$SCRATCH" "$SCRATCH"
}

# smbclient on a host: smb HOST TARGET/SHARE ACCOUNT COMMANDS [OPTIONS].
smb() {
  local name=$1 where=$2 account=$3 commands=$4; shift 4
  client_conf "$name" > "$SCRATCH/client-$name.conf"
  # Whose caches begin empty.
  rm -f "$SCRATCH"/gencache.tdb
  (cd "$SCRATCH/files" && KRB5_CONFIG=$SCRATCH/krb5.conf KRB5CCNAME=MEMORY: on "$name" timeout 30 smbclient "//$where" \
    -s "$SCRATCH/client-$name.conf" -U "$account%${SECRET:-$PASSWORD}" -c "$commands" "$@" 2>&1) || true
}
# Lists the shares of a computer in an anonymous session: smb_nobody HOST TARGET.
smb_nobody() {
  client_conf "$1" > "$SCRATCH/client-$1.conf"
  on "$1" timeout 30 smbclient -s "$SCRATCH/client-$1.conf" -U % -L "$2" 2>&1 || true
}
KERBEROS=(--use-kerberos=required)
EITHER=(--use-kerberos=desired)
NTLM=(--use-kerberos=off)
UNSIGNED=(--option=clientsigning=disabled --client-protection=off --option='client ipc signing=disabled')

# As little of a push as shows that it is one: its lock file.
push_lock() { local from=$1 target=$2 account=$3; shift 3
  smb "$from" "$target/ADMIN\$" "$account" "put empty SMSClientInstall.$SITE; del SMSClientInstall.$SITE" "$@"; }

# The same steps with impacket, which takes more options (see lib/push.py): push_with FROM OPTIONS TARGET.
push_with() {
  local from=$1; shift
  case "$*" in *--kerberos*)
    export KRB5CCNAME=$SCRATCH/cc-push
    printf '%s\n' "$PASSWORD" | KRB5_CONFIG=$SCRATCH/krb5.conf on "$from" kinit svc-push > /dev/null
    KRB5_CONFIG=$SCRATCH/krb5.conf on "$from" kvno "cifs/${*: -1}" > /dev/null ;; # impacket's own request MIT refuses
  esac
  KRB5_CONFIG=$SCRATCH/krb5.conf on "$from" timeout 60 "$PY" "$LIB/push.py" --settings "$SCRATCH/files/MobileClient.tcf" "$@"
}

# The steps of a client push, in the order of ccm.log, with smbclient: push FROM TARGET ACCOUNT [OPTIONS].
push() {
  local from=$1 target=$2 account=$3; shift 3
  smb "$from" "$target/ADMIN\$" "$account" "ls SMSClientInstall.*; put empty SMSClientInstall.$SITE; mkdir ccmsetup;
    cd ccmsetup; put MobileClient.tcf; put ccmsetup.exe; cd ..; del SMSClientInstall.$SITE" "$@"
}

mkdir -p "$SCRATCH/files"
chmod 711 "$SCRATCH" # for the guest account
: > "$SCRATCH/files/empty"
head -c 1024 /dev/zero > "$SCRATCH/files/ccmsetup.exe"
printf '[Client Install]\r\nInstall=INSTALL=ALL\r\n[Site Settings]\r\nSMSSITECODE=%s\r\nSMSMP=mp01.example.test\r\n[SMSv4]\r\nSMSPublicRootKey=%s\r\n' \
  $SITE 0602000000A4000052534131000800000100010000000000 > "$SCRATCH/files/MobileClient.tcf"
