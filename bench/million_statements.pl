#!/usr/bin/perl
# usage: million_statements.pl LOG PATTERN PSQL... > script
#
# Makes a pgbench script of the reading statements whose name matches PATTERN, as the daemon really ran them, each bound as it
# was: out of PostgreSQL's LOG (log_statement=all, log_line_prefix='%p ', log_error_verbosity=default). PSQL... is a psql
# command line on the daemon's database, which tells the parameters' types.
use strict;
use warnings;

my ($log, $pattern, @psql) = @ARGV;
die "usage: $0 LOG PATTERN PSQL...\n" unless @psql;

my (@found, %current, $last);
sub finish {
    my ($pid, $kind, $text) = @{shift // return};
    if ($kind eq 'LOG') {
        delete $current{$pid};
        if ($text =~ /^execute (\S+?): (.*)/s) {
            my ($name, $sql) = ($1, $2);
            push @found, $current{$pid} = { name => $name, sql => $sql, values => [] } if $name =~ /$pattern/;
        }
    }
    elsif ($kind eq 'DETAIL' && $current{$pid} && $text =~ s/^parameters: //) {
        while ($text =~ /\G\$(\d+) = (?:(NULL)|'((?:[^']|'')*)')(?:, )?/gcs) {
            my ($n, $value) = ($1, defined $2 ? undef : $3);
            $value =~ s/''/'/g if defined $value;
            $current{$pid}{values}[$n - 1] = $value;
        }
        die "cannot read the parameters of $current{$pid}{name}\n" if (pos($text) // 0) < length $text;
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
die "the log has no statement like $pattern\n" unless @found;

sub literal {
    my $text = shift;
    return 'NULL' unless defined $text;
    $text =~ s/\\/\\\\/g;
    $text =~ s/'/\\'/g;
    $text =~ s/\n/\\n/g;
    $text =~ s/:/\\x3a/g; # pgbench would take a colon and a name for a variable
    return "E'$text'";
}
my %types;
sub types {
    my $sql = shift;
    return @{$types{$sql}} if $types{$sql};
    open my $out, '-|', @psql, '-XAtq', '-c', "PREPARE asked AS $sql", '-c',
        q(SELECT unnest(parameter_types) FROM pg_prepared_statements WHERE name = 'asked')
        or die "psql: $!\n";
    chomp(my @told = <$out>);
    close $out or die "psql cannot prepare: $sql\n";
    $types{$sql} = \@told;
    return @told;
}
for my $each (@found) {
    my @types = @{$each->{values}} ? types($each->{sql}) : ();
    (my $sql = $each->{sql}) =~ s{\$(\d+)}{ '(' . literal($each->{values}[$1 - 1]) . ')::' . $types[$1 - 1] }ge;
    $sql =~ s/;\s*$//;
    print "-- $each->{name}\n$sql;\n";
}
