#!/usr/bin/perl
# usage: transaction_to_pgbench.pl LOG NAME PSQL... > script
#
# Makes a pgbench script of a transaction that the daemon really ran: the last one in PostgreSQL's LOG (log_statement=all,
# log_line_prefix='%p ', log_error_verbosity=default) that executed the statement NAME. The script has the very statements in
# the daemon's own two round trips (what it looks up; what it writes, and COMMIT). Ids, numbers, keys and phone numbers, which
# must be new each time, are made from :n; everything else is bound as the daemon bound it. PSQL... is a psql command line on
# the daemon's database, which tells the parameters' types.
use strict;
use warnings;

my ($log, $wanted, @psql) = @ARGV;
die "usage: $0 LOG NAME PSQL...\n" unless @psql;

# --- the log: one entry may have several lines, the further ones begin with a tab -----------------------------------------
my (%open, @found, $last);
sub finish {
    my $entry = shift or return;
    my ($pid, $kind, $text) = @$entry;
    if ($kind eq 'LOG' && $text =~ /^(?:execute (\S+?)|statement): (.*)/s) {
        my ($name, $sql) = ($1 // '', $2);
        if ($sql =~ /^\s*(?:BEGIN|START TRANSACTION)/i) { $open{$pid} = []; }
        elsif ($sql =~ /^\s*COMMIT/i) {
            push @found, $open{$pid} if $open{$pid} && grep { $_->{name} eq $wanted } @{$open{$pid}};
            delete $open{$pid};
        }
        elsif ($open{$pid}) { push @{$open{$pid}}, { name => $name, sql => $sql, values => [] }; }
    }
    elsif ($kind eq 'DETAIL' && $open{$pid} && @{$open{$pid}} && $text =~ s/^parameters: //) {
        while ($text =~ /\G\$(\d+) = (?:(NULL)|'((?:[^']|'')*)')(?:, )?/gcs) {
            (my $value = $3 // '') =~ s/''/'/g;
            $open{$pid}[-1]{values}[$1 - 1] = defined $2 ? undef : $value;
        }
        die "cannot read the parameters of $open{$pid}[-1]{name}\n" if (pos($text) // 0) < length $text;
    }
}
open my $in, '<', $log or die "$log: $!\n";
while (<$in>) {
    chomp;
    if (s/^\t//) { $last->[2] .= "\n$_" if $last; next; }
    finish($last);
    $last = /^(\d+) ([A-Z]+):  (.*)/s ? [$1, $2, $3] : undef;
}
finish($last);
die "the log has fewer than two transactions with $wanted\n" if @found < 2;
my ($before, $transaction) = @found[-2, -1];

# --- what must be new each time: ids that the transaction before did not have, too ----------------------------------------
my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;
my (%constant, %fresh);
for my $value (map { grep { defined } @{$_->{values}} } @$before) { $constant{$1} = 1 while $value =~ /($uuid)/g; }
for my $value (map { grep { defined } @{$_->{values}} } @$transaction) {
    while ($value =~ /($uuid)/g) { $fresh{$1} //= scalar keys %fresh unless $constant{$1}; }
}
die "more than 256 new ids\n" if keys %fresh > 256;

sub literal {
    my $text = shift;
    $text =~ s/\\/\\\\/g;
    $text =~ s/'/\\'/g;
    $text =~ s/\n/\\n/g;
    $text =~ s/:/\\x3a/g; # pgbench would take a colon and a name for a variable
    return "E'$text'";
}
sub bound {
    my ($name, $value) = @_;
    return 'NULL' unless defined $value;
    return q('{' || :n::bigint || '}') if $name =~ /lock/ && $value =~ /^\{-?\d+\}$/;
    my @parts;
    for my $part (split /($uuid|\+8613\d{9}|\b[0-9a-f]{64}\b(?<=key:.{64}|act:.{64})|\b\d{6}-\d{4,}\b|capture-\d+)/, $value) {
        if ($part =~ /^$uuid$/ && exists $fresh{$part}) {
            push @parts, "lpad(to_hex(:n::bigint * 256 + $fresh{$part}), 32, '0')";
        }
        elsif ($part =~ /^\+8613\d{9}$/) { push @parts, "'+8615' || lpad((:n::bigint % 1000000000)::text, 9, '0')"; }
        elsif ($part =~ /^[0-9a-f]{64}$/) { push @parts, "lpad(to_hex(:n::bigint), 64, '0')"; }
        elsif ($part =~ /^(\d{6})-\d{4,}$/) { push @parts, "'$1-' || (:n::bigint + 1000000)"; }
        elsif ($part =~ /^capture-\d+$/) { push @parts, "'capture-' || :n::bigint"; }
        elsif (length $part) { push @parts, literal($part); }
    }
    return @parts ? join(' || ', @parts) : "''";
}
sub types {
    my $sql = shift;
    open my $out, '-|', @psql, '-XAtq', '-c', "PREPARE asked AS $sql", '-c',
        q(SELECT unnest(parameter_types) FROM pg_prepared_statements WHERE name = 'asked')
        or die "psql: $!\n";
    chomp(my @types = <$out>);
    close $out or die "psql cannot prepare: $sql\n";
    return @types;
}

# --- the script --------------------------------------------------------------------------------------------------------------
print "\\set i :i + 1\n\\set n :base + :i * 64 + :client_id\n\\startpipeline\nBEGIN;\n";
my $writing = 0;
for my $each (@$transaction) {
    if (!$writing && $each->{sql} =~ /^\s*(?:INSERT|UPDATE)/i) {
        print "\\endpipeline\n\\startpipeline\n";
        $writing = 1;
    }
    my @types = @{$each->{values}} ? types($each->{sql}) : ();
    (my $sql = $each->{sql}) =~ s/":(?=\w)/": /g; # JSON in the statement, no variable of pgbench
    $sql =~ s{\$(\d+)}{ '(' . bound($each->{name}, $each->{values}[$1 - 1]) . ')::' . $types[$1 - 1] }ge;
    $sql =~ s/;\s*$//;
    print "-- $each->{name}\n$sql;\n";
}
print "COMMIT;\n\\endpipeline\n";
